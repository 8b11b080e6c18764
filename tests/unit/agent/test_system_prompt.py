"""The system prompt: what it names, and how short it is."""

from __future__ import annotations

import datetime
import json
import re
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


_PIECE = re.compile(r"[A-Za-z]{1,8}|[0-9]|[^\sA-Za-z0-9]")
_AROUND_TOOLS = 150
"""What templates write round the tools and the messages; Qwen's, the longest, takes about 130."""


def most_tokens(text: str) -> int:
    """More than any model's tokenizer takes: one for each run of eight letters, each digit and each
    sign, while real ones have signs in JSON go together. The built-in model's comes to four fifths
    of it."""
    return len(_PIECE.findall(text))


@pytest.mark.anyio
@pytest.mark.parametrize("plan", ["auto", "on"])
@pytest.mark.parametrize("model", ["qwen3:1.7b", "llama3:8b", "qwen3-coder:30b"])
async def test_the_first_request_costs_under_1300_tokens(
    make_bench: MakeBench, model: str, plan: str
) -> None:
    bench = await make_bench(f'[agent]\nplan = "{plan}"\n', model=model)
    bench.server.script(reply("ok"))
    await bench.turn("hi")
    body = bench.server.chats[0].body
    assert body is not None
    tools = "\n".join(json.dumps(tool) for tool in body.get("tools", []))
    # The tests' own folder is longer than the one of a project.
    folder, usual = str(bench.workspace), HERE.workspace
    texts = [message["content"].replace(folder, usual) for message in body["messages"]]
    assert len(body["messages"]) == 2
    assert ("tools" in body) is (model != "llama3:8b")
    counted = sum(map(most_tokens, (tools, *texts))) + _AROUND_TOOLS
    assert 500 < counted < 1_300, counted
