"""A turn, from prompt to end, against a server on a loopback port and real files."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.fakes.ollama_server import installed_model, reply
from tests.unit.agent.conftest import MODEL, MakeBench
from tests.unit.agent.turns import (
    ALLOW_ALL,
    DENY,
    ONCE,
    SESSION,
    WRITE,
    assert_laws,
    results,
    wire_messages,
)
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import (
    Event,
    ModelLoading,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallStarted,
    TurnEnd,
    UsageUpdated,
)
from vtcode_tui.conversation.results import CommandDisplay, DiffDisplay, Outcome

pytestmark = pytest.mark.anyio


PROMPT_ALL = '[tools]\ndefault_policy = "prompt"\n'


async def test_an_answer_streams_as_deltas_and_ends_with_the_servers_counters(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.server.script(reply("Hello you.", thinking="Greet them.", prompt_tokens=42))
    events = await bench.turn("Hi")
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == "Greet them."
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "Hello you."
    usage = next(e.usage for e in events if isinstance(e, UsageUpdated))
    assert usage.prompt_tokens == 42
    finished = next(e for e in events if isinstance(e, StepFinished))
    assert (finished.message.content, finished.message.thinking) == ("Hello you.", "Greet them.")
    messages = wire_messages(bench, 0)
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[1]["content"] == "Hi"


async def test_a_call_runs_and_its_result_goes_back_with_the_thinking(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    (bench.workspace / "a.txt").write_text("the content\n")
    bench.server.script(
        reply(thinking="I read it.", calls=[("read_file", {"path": "a.txt"})]), reply("Done.")
    )
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert bench.approver.requests == []
    _, _, assistant, tool = wire_messages(bench, 1)
    assert assistant["thinking"] == "I read it."
    assert assistant["tool_calls"][0]["function"]["arguments"] == {"path": "a.txt"}
    assert tool["role"] == "tool"
    assert tool["tool_name"] == "read_file"
    assert tool["tool_call_id"] == assistant["tool_calls"][0]["id"]
    assert "the content" in tool["content"]


async def test_the_question_shows_the_whole_diff_and_approval_once_asks_again_next_time(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ONCE, DENY]
    again = ("write_file", {"path": "new.txt", "content": "other\n"})
    bench.server.script(reply(calls=[WRITE]), reply(calls=[again]), reply("ok"))
    events = await bench.turn()
    assert_laws(bench, events)
    preview = bench.approver.requests[0].preview
    assert isinstance(preview, DiffDisplay)
    assert preview.diff.is_new_file
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK, Outcome.DENIED]
    assert (bench.workspace / "new.txt").read_text() == "hello\n"


async def test_approval_for_the_session_covers_the_exact_change_of_a_file_only(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.approver.decisions = [SESSION, DENY, DENY]
    again = ("write_file", {"path": "new.txt", "content": "other\n"})
    elsewhere = ("write_file", {"path": "else.txt", "content": "x"})

    def make_room_for_the_third_call(_: ApprovalRequest) -> None:
        if len(bench.approver.requests) == 2:
            (bench.workspace / "new.txt").unlink()

    bench.approver.before_answer = make_room_for_the_third_call
    bench.server.script(*(reply(calls=[call]) for call in (WRITE, again, WRITE, elsewhere)))
    bench.server.script(reply("ok"))
    events = await bench.turn()
    assert [outcome for outcome, _ in results(events)] == [
        *(Outcome.OK, Outcome.DENIED, Outcome.OK, Outcome.DENIED),
    ]
    assert [request.subject for request in bench.approver.requests] == [
        *("new.txt", "new.txt", "else.txt"),
    ]
    assert (bench.workspace / "new.txt").read_text() == "hello\n"
    assert not (bench.workspace / "else.txt").exists()


async def test_approval_for_the_session_covers_the_exact_command_only(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.approver.decisions = [SESSION, DENY]
    run = ("run_terminal_cmd", {"command": "echo one"})
    longer = ("run_terminal_cmd", {"command": "echo one two"})
    bench.server.script(reply(calls=[run]), reply(calls=[run]), reply(calls=[longer]), reply("ok"))
    events = await bench.turn()
    assert [outcome for outcome, _ in results(events)] == [Outcome.OK, Outcome.OK, Outcome.DENIED]
    preview = bench.approver.requests[0].preview
    assert isinstance(preview, CommandDisplay)
    assert preview.command == "echo one"
    assert bench.approver.requests[0].cwd == str(bench.workspace)


async def test_a_denial_with_a_word_reaches_the_model_and_skips_the_calls_after_it(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.approver.decisions = [ApprovalDecision(Verdict.DENY, "use another name"), ONCE]
    second = ("write_file", {"path": "b.txt", "content": "b"})
    bench.server.script(reply(calls=[WRITE, second]), reply("ok"))
    events = await bench.turn()
    assert_laws(bench, events)
    assert [outcome for outcome, _ in results(events)] == [Outcome.DENIED, Outcome.CANCELLED]
    denied, skipped = wire_messages(bench, 1)[-2:]
    assert "use another name" in denied["content"]
    assert "denied an earlier call" in skipped["content"]
    assert len(bench.approver.requests) == 1
    assert not (bench.workspace / "b.txt").exists()


async def test_a_file_that_changed_since_its_diff_is_asked_about_again(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    target = bench.workspace / "a.txt"
    target.write_text("one\n")

    def change_behind_the_back(_: object) -> None:
        if len(bench.approver.requests) == 1:
            target.write_text("one\ntwo\n")

    bench.approver.before_answer = change_behind_the_back
    bench.approver.decisions = [ONCE, ONCE]
    edit = ("edit_file", {"path": "a.txt", "old_text": "one", "new_text": "ONE"})
    bench.server.script(reply(calls=[edit]), reply("ok"))
    events = await bench.turn()
    assert_laws(bench, events)
    first, second = bench.approver.requests
    assert first.reason == ""
    assert "a.txt" in second.reason
    assert first.preview != second.preview
    assert target.read_text() == "ONE\ntwo\n"


ARGUMENTS: dict[str, dict[str, Any]] = {
    "read_file": {"path": "a.txt"},
    "write_file": {"path": "w.txt", "content": "x"},
    "edit_file": {"path": "a.txt", "old_text": "seed", "new_text": "changed"},
    "list_files": {},
    "search_files": {"pattern": "seed"},
    "run_terminal_cmd": {"command": "echo run"},
}


LOOKING = {"read_file", "list_files", "search_files"}


@pytest.mark.parametrize("where", ["listed", "default"])
@pytest.mark.parametrize("policy", ["allow", "prompt", "deny"])
@pytest.mark.parametrize("tool", ARGUMENTS)
async def test_every_tool_under_every_policy(
    make_bench: MakeBench, tool: str, policy: str, where: str
) -> None:
    other = "deny" if policy != "deny" else "allow"
    toml = (
        f'[tools]\ndefault_policy = "{other}"\n[tools.policies]\n{tool} = "{policy}"\n'
        if where == "listed"
        else f'[tools]\ndefault_policy = "{policy}"\n'
    )
    bench = await make_bench(toml)
    (bench.workspace / "a.txt").write_text("seed\n")
    bench.approver.decisions = [ONCE]
    bench.server.script(reply(calls=[(tool, ARGUMENTS[tool])]), reply("ok"))
    events = await bench.turn()
    assert_laws(bench, events)
    body = bench.server.chats[0].body
    assert body is not None
    offered = {spec["function"]["name"] for spec in body.get("tools", [])}
    assert (tool in offered) == (policy != "deny")
    assert len(bench.approver.requests) == (1 if policy == "prompt" else 0)
    expected = Outcome.REFUSED if policy == "deny" else Outcome.OK
    assert [outcome for outcome, _ in results(events)] == [expected]
    if policy == "deny":
        assert (bench.workspace / "a.txt").read_text() == "seed\n"
        assert not (bench.workspace / "w.txt").exists()
        assert not any(isinstance(event, ToolCallStarted) for event in events)


@pytest.mark.parametrize("tool", ARGUMENTS)
async def test_without_configuration_tools_that_look_run_and_the_rest_ask(
    make_bench: MakeBench, tool: str
) -> None:
    bench = await make_bench()
    (bench.workspace / "a.txt").write_text("seed\n")
    bench.server.script(reply(calls=[(tool, ARGUMENTS[tool])]), reply("ok"))
    await bench.turn()
    assert bool(bench.approver.requests) == (tool not in LOOKING)


async def test_an_unknown_tool_and_bad_arguments_are_results_the_model_can_mend(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench(f'{ALLOW_ALL}\n[tools.policies]\nwrite_file = "deny"\n')
    bench.server.script(
        reply(calls=[("no_such_tool", {})]),
        reply(calls=[("read_file", {"wrong": 1})]),
        reply(calls=[("edit_file", {"path": "../outside", "old_text": "a", "new_text": "b"})]),
        reply("sorry"),
    )
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    outcomes = results(events)
    assert [outcome for outcome, _ in outcomes] == [Outcome.FAILED] * 3
    assert "read_file" in outcomes[0][1]
    assert "write_file" not in outcomes[0][1], "what is denied is not named as a way out"
    assert "path" in outcomes[1][1]
    assert not any(isinstance(event, ToolCallStarted) for event in events)


async def test_a_cold_load_is_noticed_and_its_answer_waited_for(make_bench: MakeBench) -> None:
    bench = await make_bench()
    release = threading.Event()
    bench.server.script(reply("warm", head_hold=release))
    events: list[Event] = []
    async for event in bench.agent.run_turn("go"):
        events.append(event)
        if isinstance(event, ModelLoading):
            release.set()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert any(isinstance(event, ModelLoading) for event in events)


@pytest.mark.parametrize(("model", "listed"), [(MODEL, MODEL), ("llama3", "llama3:latest")])
async def test_a_loaded_model_that_is_slow_is_not_called_loading(
    make_bench: MakeBench, model: str, listed: str
) -> None:
    bench = await make_bench(model=model)
    bench.server.models.append(installed_model("llama3:latest"))
    bench.server.running[:] = [{"name": listed}]
    bench.server.script(reply("late", head_delay_s=0.1))
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert not any(isinstance(event, ModelLoading) for event in events)


async def test_the_step_limit_ends_a_turn_that_goes_round(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.default_reply = reply(calls=[("list_files", {})])
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.STEP_LIMIT
    assert sum(isinstance(event, StepStarted) for event in events) == 40


async def test_a_remote_model_entry_is_used_verbatim(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.models.append(installed_model("Weird.Name/x_y:Q4-k", "tools"))
    bench.agent.model = type(bench.agent.model)("Weird.Name/x_y:Q4-k")
    bench.server.script(reply("ok"))
    await bench.turn()
    body = bench.server.chats[-1].body
    assert body is not None
    assert body["model"] == "Weird.Name/x_y:Q4-k"
