"""A turn that goes round asks the user: the same call again and again, and many steps."""

from __future__ import annotations

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import MakeBench
from tests.unit.agent.turns import ALLOW_ALL, DENY, ONCE, SESSION, assert_laws, results
from vtcode_tui.agent.loops import LoopWatch
from vtcode_tui.conversation.events import StepStarted, TurnEnd
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay

pytestmark = pytest.mark.anyio

LIST: tuple[str, dict[str, str]] = ("list_files", {})
READ = ("read_file", {"path": "a.txt"})
ECHO = ("run_terminal_cmd", {"command": "echo hi"})
BROKEN = ("edit_file", {"path": "a.txt", "old_text": "not in it", "new_text": "x"})


@pytest.mark.parametrize("call", [LIST, ECHO], ids=["looks", "runs"])
async def test_the_same_call_asks_the_third_time_in_a_row_though_it_is_allowed(
    make_bench: MakeBench, call: tuple[str, dict[str, str]]
) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.approver.decisions = [ONCE, DENY]
    bench.server.script(*(reply(calls=[call]) for _ in range(4)), reply("ok"))
    events = await bench.turn()
    assert_laws(bench, events)
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK] * 3 + [Outcome.DENIED]
    asked = [request.rule for request in bench.approver.requests]
    assert asked == [
        f"the model asks for this same call {times} times in a row (no setting lifts this)"
        for times in (3, 4)
    ]


async def test_three_equal_calls_in_one_reply_ask_too(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    bench.server.script(reply(calls=[LIST, LIST, LIST]), reply("ok"))
    events = await bench.turn()
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK, Outcome.OK, Outcome.DENIED]


async def test_another_call_between_them_starts_the_count_again(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace / "a.txt").write_text("x")
    bench.server.script(*(reply(calls=[LIST, LIST, READ]) for _ in range(3)), reply("ok"))
    await bench.turn()
    assert bench.approver.requests == []


async def test_another_turn_starts_the_count_again(make_bench: MakeBench) -> None:
    bench = await make_bench(ALLOW_ALL)
    for _ in range(3):
        bench.server.script(reply(calls=[LIST]), reply("ok"))
        await bench.turn()
    assert bench.approver.requests == []


async def test_a_grant_for_the_call_does_not_cover_its_repetition_and_one_for_that_does(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.approver.decisions = [SESSION, SESSION]
    bench.server.script(*(reply(calls=[ECHO]) for _ in range(6)), reply("ok"))
    events = await bench.turn()
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK] * 6
    assert len(bench.approver.requests) == 2
    assert "however often" in bench.approver.requests[1].session_scope


async def test_a_call_that_keeps_failing_asks_whether_the_model_goes_on(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(ALLOW_ALL)
    (bench.workspace / "a.txt").write_text("x")
    bench.approver.decisions = [ONCE, DENY]
    bench.server.script(*(reply(calls=[BROKEN]) for _ in range(4)), reply("ok"))
    events = await bench.turn()
    assert_laws(bench, events)
    assert [outcome for outcome, _ in results(events)] == [Outcome.FAILED] * 3 + [Outcome.DENIED]
    request = bench.approver.requests[0]
    assert request.action == "Let the model go on"
    assert isinstance(request.preview, TextDisplay)
    assert "a.txt" in request.preview.text
    assert request.sandbox == ""


async def test_after_the_configured_steps_the_user_decides_whether_the_turn_goes_on(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench("[tools]\nmax_tool_loops = 3\n")
    (bench.workspace / "a.txt").write_text("x")
    bench.approver.decisions = [ONCE, DENY]
    bench.server.script(*(reply(calls=[LIST, READ]) for _ in range(9)))
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.STEP_LIMIT
    assert sum(isinstance(event, StepStarted) for event in events) == 6
    first, second = bench.approver.requests
    assert (first.action, first.subject) == ("Let the model go on", "after 3 steps")
    assert second.subject == "after 6 steps"
    assert "[tools] max_tool_loops = 3" in first.rule
    assert first.cwd == str(bench.workspace)
    assert isinstance(first.preview, TextDisplay)
    assert "read_file a.txt" in first.preview.text


async def test_an_answer_within_the_steps_is_not_asked_about(make_bench: MakeBench) -> None:
    bench = await make_bench("[tools]\nmax_tool_loops = 3\n")
    bench.server.script(reply(calls=[LIST]), reply(calls=[LIST]), reply("ok"))
    assert assert_laws(bench, await bench.turn()).end is TurnEnd.DONE
    assert bench.approver.requests == []


async def test_a_yes_for_the_session_ends_the_questions_about_steps(make_bench: MakeBench) -> None:
    bench = await make_bench("[tools]\nmax_tool_loops = 2\n")
    (bench.workspace / "a.txt").write_text("x")
    bench.approver.decisions = [SESSION]
    bench.server.script(*(reply(calls=[LIST, READ]) for _ in range(9)), reply("ok"))
    assert assert_laws(bench, await bench.turn()).end is TurnEnd.DONE
    assert len(bench.approver.requests) == 1


async def test_after_a_no_the_next_prompt_goes_on(make_bench: MakeBench) -> None:
    bench = await make_bench("[tools]\nmax_tool_loops = 1\n")
    bench.server.script(reply(calls=[LIST]), reply("done"))
    assert assert_laws(bench, await bench.turn()).end is TurnEnd.STEP_LIMIT
    assert assert_laws(bench, await bench.turn("go on")).end is TurnEnd.DONE


def test_the_order_of_arguments_makes_no_other_call() -> None:
    watch = LoopWatch(40)
    assert watch.count(ToolCall("1", "t", {"a": 1, "b": 2}), "s") == 1
    assert watch.count(ToolCall("2", "t", {"b": 2, "a": 1}), "s") == 2
    assert watch.count(ToolCall("3", "t", {"b": 2, "a": "1"}), "s") == 1
    assert watch.count(ToolCall("4", "u", {"b": 2, "a": "1"}), "s") == 1


def test_only_the_last_few_calls_are_kept() -> None:
    watch = LoopWatch(40)
    for number in range(100):
        watch.count(ToolCall("1", "t", {"n": number}), str(number))
    assert watch.last_calls == ("t 95", "t 96", "t 97", "t 98", "t 99")
