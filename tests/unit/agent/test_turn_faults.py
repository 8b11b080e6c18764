"""Turns whose model, server or reply is not as it should be."""

from __future__ import annotations

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import MakeBench
from tests.unit.agent.turns import ALLOW_ALL, WRITE, assert_laws, wire_messages
from vtcode_tui.agent.model_choice import ToolMode
from vtcode_tui.conversation.events import (
    NoticeRaised,
    TextDelta,
    TurnEnd,
)
from vtcode_tui.errors import ModelNotFound, ServerUnreachable, StreamBroken

pytestmark = pytest.mark.anyio


async def test_a_model_that_refuses_tools_is_told_of_and_answers_without_them(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(model="llama3:8b")
    bench.server.script(reply("plain"))
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    body = bench.server.chats[-1].body
    assert body is not None
    assert "tools" not in body


async def test_an_old_server_that_hides_abilities_is_asked_once_more_without_tools(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(model="llama3:8b")
    agent = bench.agent
    from dataclasses import replace

    agent.model = replace(agent.model, tool_mode=ToolMode.NATIVE)
    bench.server.script(reply("plain"))
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert any(isinstance(event, NoticeRaised) for event in events)
    assert agent.model.tool_mode is ToolMode.TEXT


async def test_an_unknown_model_fails_the_turn_with_the_command_that_mends_it(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(model="nobody:1b")
    events = await bench.turn()
    last = assert_laws(bench, events)
    assert isinstance(last.error, ModelNotFound)
    assert "ollama pull nobody:1b" in last.error.advice


async def test_a_server_that_went_away_fails_the_turn_and_keeps_the_prompt(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.server.stop()
    last = assert_laws(bench, await bench.turn("kept"))
    assert isinstance(last.error, ServerUnreachable)
    assert "ollama serve" in last.error.advice
    bench.server.start()
    bench.server.script(reply("back"))
    assert assert_laws(bench, await bench.turn("more")).end is TurnEnd.DONE
    assert [m["content"] for m in wire_messages(bench, -1)[1:]] == ["kept", "more"]


async def test_a_broken_stream_keeps_what_came(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply("one two three four", cut_after=2), reply("again"))
    events = await bench.turn()
    last = assert_laws(bench, events)
    assert isinstance(last.error, StreamBroken)
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "one two "
    await bench.turn("go on")
    assert wire_messages(bench, 1)[2]["content"] == "one two "


async def test_calls_of_a_reply_cut_at_its_length_do_not_run(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.server.script(reply(calls=[WRITE], done_reason="length"))
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.LENGTH
    assert not (bench.workspace / "new.txt").exists()


async def test_repeated_call_ids_are_told_apart(make_bench: MakeBench) -> None:
    bench = await make_bench()
    (bench.workspace / "a.txt").write_text("x")
    call = ("read_file", {"path": "a.txt"})
    bench.server.script(
        reply(calls=[call, call], call_ids=["same", "same"]),
        reply(calls=[call], call_ids=["same"]),
        reply("ok"),
    )
    assert assert_laws(bench, await bench.turn()).end is TurnEnd.DONE
