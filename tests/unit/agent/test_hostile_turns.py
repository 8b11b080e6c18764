"""Hostile answers in whole turns: each ends, what came is kept, and the conversation goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.hostile_streams import CASES, hostile_reply
from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import MakeBench
from tests.unit.agent.turns import assert_laws
from vtcode_tui.conversation.events import TextDelta, TurnEnd
from vtcode_tui.conversation.messages import AssistantMessage
from vtcode_tui.ollama.client import Timeouts
from vtcode_tui.session.history import made_valid

# The others wait for a time-out or send many megabytes; the client's own tests have them.
_SLOW = {"ST008", "ST036", "ST037", "ST039", "ST040", "ST041", "ST042", "ST043"}
QUICK = [case for case in CASES if case["id"] not in _SLOW]
LIMITS = Timeouts(first_byte_s=20, idle_s=20, answer_s=20)


@pytest.mark.anyio
@pytest.mark.parametrize("part", range(8))
async def test_a_turn_ends_and_the_next_one_works(make_bench: MakeBench, part: int) -> None:
    bench = await make_bench('[tools]\ndefault_policy = "deny"\n')
    bench.agent.exchange.client.timeouts = LIMITS
    bench.agent.exchange.pause = lambda _: asyncio.sleep(0)
    for case in QUICK[part::8]:
        bench.agent.restore()
        answer = hostile_reply(case)
        bench.server.script(answer)
        events = await asyncio.wait_for(bench.turn(case["id"]), 60)
        last = assert_laws(bench, events)
        if case["expect"]["outcome"] != "ok" and not _is_asked_again(case):
            assert last.end is TurnEnd.FAILED, case["id"]
            assert last.error is not None
            assert last.error.what
            kept = "".join(event.text for event in events if isinstance(event, TextDelta))
            answers = [m for m in bench.agent.history.messages if isinstance(m, AssistantMessage)]
            assert "".join(answer.content for answer in answers) == kept, case["id"]
            assert kept == case["expect"].get("text", kept)
        bench.server.script(reply("And on."))
        assert assert_laws(bench, await bench.turn("next")).end is TurnEnd.DONE, case["id"]
        messages = bench.agent.history.messages
        assert made_valid(messages) == messages, case["id"]


def _is_asked_again(case: dict[str, Any]) -> bool:
    """By itself: a busy server, a model that lacks a feature, a call that could not be read."""
    return bool(case["expect"]["auto_retry"]) or case["id"] in {"ST085", "ST129", "ST131"}
