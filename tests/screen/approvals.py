"""Requests for approval, and the dialog that asks about them, for tests."""

from __future__ import annotations

from textual.pilot import Pilot

from tests.screen.stage import FakeClock, Stage, until
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import CommandDisplay, DiffDisplay, DiffLine, FileDiff
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

ONCE = ApprovalDecision(Verdict.ONCE)
SESSION = ApprovalDecision(Verdict.SESSION)
DENY = ApprovalDecision(Verdict.DENY)


def command_request(command: str = "make test", reason: str = "") -> ApprovalRequest:
    return ApprovalRequest(
        request_id="r1",
        call=ToolCall("c1", "run_terminal_cmd", {"command": command}),
        action="Run a command",
        subject=command,
        preview=CommandDisplay(command, "/work/project"),
        cwd="/work/project",
        rule='the settings say [tools] default_policy = "prompt"',
        session_scope="this exact command in this directory",
        reason=reason,
    )


def diff_request() -> ApprovalRequest:
    lines = (
        DiffLine("context", 1, 1, "import os"),
        DiffLine("removed", 2, None, "print('old')"),
        DiffLine("added", None, 2, "print('new')"),
    )
    return ApprovalRequest(
        request_id="r2",
        call=ToolCall("c2", "edit_file", {}),
        action="Edit a file",
        subject="src/app.py",
        preview=DiffDisplay(FileDiff("src/app.py", (lines,), 1, 1)),
        cwd="/work/project",
        rule="edit_file asks",
        session_scope="edits of src/app.py",
    )


def modal_on(pilot: Pilot[None]) -> ApprovalModal:
    screen = pilot.app.screen
    assert isinstance(screen, ApprovalModal), f"on top is {screen}"
    return screen


async def shown(pilot: Pilot[None]) -> ApprovalModal:
    """The modal after its first paint, when it knows whether its end is visible."""
    modal = modal_on(pilot)
    await until(pilot, lambda: modal._visible_since is not None, "the modal was painted")
    await pilot.pause()
    return modal


async def opened(pilot: Pilot[None], clock: FakeClock) -> ApprovalModal:
    """The modal after a pause that is long enough for the guard to open."""
    modal = await shown(pilot)
    clock.advance(1.0)
    await pilot.pause()
    return modal


def stage_for(
    request: ApprovalRequest, clock: FakeClock, guard: TypeAheadGuard | None = None
) -> Stage[ApprovalDecision]:
    return Stage(ApprovalModal(request, clock=clock, guard=guard))


async def next_modal(
    stage: Stage[ApprovalDecision], pilot: Pilot[None], modal: ApprovalModal
) -> None:
    if isinstance(stage.screen, ApprovalModal):
        await stage.pop_screen()
    stage.show(modal)
    await until(pilot, lambda: stage.screen is modal, "the next modal is up")
