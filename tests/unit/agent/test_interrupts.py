"""A turn that is interrupted, at any moment, or left by its consumer."""

from __future__ import annotations

import asyncio
import random
import threading

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import MakeBench
from tests.unit.agent.turns import ALLOW_ALL, ONCE, WRITE, assert_laws, results, wire_messages
from vtcode_tui.conversation.approvals import ApprovalRequest
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    Event,
    ReasoningDelta,
    StepStarted,
    TextDelta,
    ToolOutputDelta,
    TurnEnd,
)
from vtcode_tui.conversation.results import Outcome

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("stage", [ReasoningDelta, TextDelta, StepStarted])
async def test_an_interrupt_closes_the_connection_and_keeps_what_came(
    make_bench: MakeBench, stage: type[Event]
) -> None:
    bench = await make_bench()
    if stage is not StepStarted:  # Then it is not even sent.
        bench.server.script(reply("word " * 500, thinking="hm " * 20, pace_s=0.01))
    events = await bench.turn_until("go", stage)
    assert assert_laws(bench, events).end is TurnEnd.CANCELLED
    if stage is not StepStarted:
        await asyncio.to_thread(bench.server.wait_for_close, 3.0)
    kept = "".join(e.text for e in events if isinstance(e, TextDelta))
    bench.server.script(reply("ok"))
    assert_laws(bench, await bench.turn("go on"))
    contents = [m["content"] for m in wire_messages(bench, -1) if m["role"] == "assistant"]
    assert contents == ([] if stage is StepStarted else [kept])


async def test_an_interrupt_during_a_cold_load_closes_the_connection(make_bench: MakeBench) -> None:
    bench = await make_bench()
    never = threading.Event()
    bench.server.script(reply("late", head_hold=never))
    turn = asyncio.create_task(bench.turn())
    await asyncio.to_thread(bench.server.wait_for_requests, "/api/chat")
    bench.agent.interrupt()
    assert assert_laws(bench, await turn).end is TurnEnd.CANCELLED
    await asyncio.to_thread(bench.server.wait_for_close, 3.0)
    never.set()


async def test_an_interrupt_during_a_command_kills_it_and_leaves_a_valid_history(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [ONCE]
    command = "echo started; sleep 60; echo late > late.txt"
    bench.server.script(reply(calls=[("run_terminal_cmd", {"command": command})]))
    events = await asyncio.wait_for(bench.turn_until("go", ToolOutputDelta), 10)
    assert assert_laws(bench, events).end is TurnEnd.CANCELLED
    told = "Interrupted by the user while it ran. What it had done by then stays done."
    assert results(events) == [(Outcome.CANCELLED, told)]


async def test_an_interrupt_during_an_approval_runs_nothing(make_bench: MakeBench) -> None:
    bench = await make_bench()

    def interrupt(_: ApprovalRequest) -> None:
        bench.agent.interrupt()

    bench.approver.before_answer = interrupt
    bench.server.script(reply(calls=[WRITE]))
    events = await bench.turn()
    assert any(isinstance(event, ApprovalRequested) for event in events)
    assert assert_laws(bench, events).end is TurnEnd.CANCELLED
    assert not (bench.workspace / "new.txt").exists()


@pytest.mark.parametrize("seed", range(12))
async def test_laws_hold_when_interrupted_at_any_event(make_bench: MakeBench, seed: int) -> None:
    chance = random.Random(seed)
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace / "a.txt").write_text("x")
    bench.approver.decisions = [ONCE, ONCE]
    run = ("run_terminal_cmd", {"command": "echo a; sleep 0.05; echo b"})
    bench.server.script(
        reply("a b c", thinking="t t t", calls=[("read_file", {"path": "a.txt"}), run]),
        reply(calls=[WRITE, run]),
        reply("end"),
    )
    stop_at = chance.randrange(1, 24)
    seen: list[Event] = []
    async for event in bench.agent.run_turn("go"):
        seen.append(event)
        if len(seen) == stop_at:
            bench.agent.interrupt()
    assert assert_laws(bench, seen).end in (TurnEnd.CANCELLED, TurnEnd.DONE)
    bench.server.script()
    bench.server.default_reply = reply("fine")
    bench.server._scripted.clear()
    assert assert_laws(bench, await bench.turn("again")).end is TurnEnd.DONE


async def test_a_consumer_that_goes_away_stops_the_turn(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply("word " * 1000, pace_s=0.01))
    turn = bench.agent.run_turn("go")
    async for event in turn:
        if isinstance(event, TextDelta):
            break
    await turn.aclose()
    await asyncio.to_thread(bench.server.wait_for_close, 3.0)
    assert not bench.agent.is_running
