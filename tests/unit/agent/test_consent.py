"""What was shown is what runs: a question binds to the call that it was made of."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from tests.fakes.ollama_server import reply
from tests.unit.agent.conftest import MakeBench
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import ToolCallFinished
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import CommandDisplay, Outcome

pytestmark = pytest.mark.anyio

REQUEST = ApprovalRequest(
    request_id="1",
    call=ToolCall("c", "run_terminal_cmd", {"command": "make"}),
    action="Run a command",
    subject="make",
    preview=CommandDisplay("make", "/project"),
    cwd="/project",
    rule="",
    session_scope="",
)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, request_id="2"),
        replace(REQUEST, call=ToolCall("c", "run_terminal_cmd", {"command": "make install"})),
        replace(REQUEST, call=ToolCall("c", "write_file", {"command": "make"})),
        replace(REQUEST, action="Run a command outside the sandbox"),
        replace(REQUEST, subject="make "),
        replace(REQUEST, preview=CommandDisplay("make install", "/project")),
        replace(REQUEST, cwd="/"),
        replace(REQUEST, sandbox="none"),
    ],
)
def test_another_question_has_another_digest(other: ApprovalRequest) -> None:
    assert REQUEST.digest == replace(REQUEST).digest
    assert other.digest != REQUEST.digest


@pytest.mark.parametrize("verdict", [Verdict.ONCE, Verdict.SESSION, Verdict.ALWAYS])
async def test_a_call_that_changes_under_its_question_is_refused(
    make_bench: MakeBench, verdict: Verdict
) -> None:
    def change(request: ApprovalRequest) -> None:
        cast("dict[str, str]", request.call.arguments)["command"] = "touch changed"

    bench = await make_bench()
    bench.approver.decisions = [ApprovalDecision(verdict)]
    bench.approver.before_answer = change
    bench.server.script(
        reply(calls=[("run_terminal_cmd", {"command": "touch asked"})]), reply("ok")
    )
    events = await bench.turn()
    results = [event.result for event in events if isinstance(event, ToolCallFinished)]
    assert [result.outcome for result in results] == [Outcome.REFUSED]
    assert not (bench.workspace / "asked").exists()
    assert not (bench.workspace / "changed").exists()
    assert bench.agent.calls.grants.keys == ()


async def test_another_conversation_has_none_of_the_grants_of_the_one_before(
    make_bench: MakeBench,
) -> None:
    call = ("run_terminal_cmd", {"command": "touch asked"})
    bench = await make_bench()
    bench.approver.decisions = [ApprovalDecision(Verdict.SESSION)]
    bench.server.script(reply(calls=[call]), reply("ok"), reply(calls=[call]), reply("ok"))
    await bench.turn()
    granted = bench.agent.calls.grants.keys
    assert granted
    bench.agent.restore()
    await bench.turn()
    assert len(bench.approver.requests) == 2
    bench.agent.restore(grants=granted)
    assert bench.agent.calls.grants.keys == granted
