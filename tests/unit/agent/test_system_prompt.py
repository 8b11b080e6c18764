"""The system prompt: what it names, and how short it is."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import MakeBench
from vtcode_tui.agent.system_prompt import Surroundings, system_prompt

HERE = Surroundings("/home/ann/project", "Linux x86_64", datetime.date(2026, 1, 2))


def test_it_names_the_workspace_the_platform_and_the_date() -> None:
    text = system_prompt(HERE, with_tools=True)
    for part in ("/home/ann/project", "Linux x86_64", "2026-01-02"):
        assert part in text


def test_the_projects_instructions_are_taken_up_to_a_limit() -> None:
    where = Surroundings("/p", "Linux", HERE.date, instructions="Use tabs.\n" + "x" * 20_000)
    text = system_prompt(where, with_tools=True)
    assert "Use tabs." in text
    assert "more characters were left out" in text
    assert len(text) < 10_000


def test_added_directories_are_named() -> None:
    text = system_prompt(HERE, with_tools=True, added_directories=[Path("/opt/lib")])
    assert "/opt/lib" in text


@pytest.mark.anyio
async def test_the_first_request_costs_under_1300_tokens(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply("ok"))
    await bench.turn("hi")
    body = bench.server.chats[0].body
    assert body is not None
    # Four characters a token is what the models' tokenizers come to on JSON and English.
    assert (len(json.dumps(body["tools"])) + len(body["messages"][0]["content"])) / 4 < 1_300
