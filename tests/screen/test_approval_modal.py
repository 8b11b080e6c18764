"""The approval dialog: each answer by key and mouse, and when approving is possible."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from textual import events
from textual.widgets import Input

from tests.screen.approvals import (
    DENY,
    ONCE,
    SESSION,
    command_request,
    diff_request,
    opened,
    stage_for,
)
from tests.screen.stage import FakeClock, screen_text, until
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.conversation.results import TextDisplay
from vtcode_tui.tui.choice import Choice
from vtcode_tui.tui.preview_view import PreviewView

pytestmark = pytest.mark.anyio


LONG_COMMAND = "\n".join(f"echo step {number}" for number in range(100))


@pytest.mark.parametrize(
    ("keys", "decision"),
    [
        (["ctrl+y"], ONCE),
        (["up", "up", "enter"], ONCE),
        (["shift+tab", "shift+tab", "enter"], ONCE),
        (["up", "enter"], SESSION),
        (["tab", "shift+tab", "enter"], DENY),
        (["escape"], DENY),
        (["down", "enter", *"no, use ls", "enter"], ApprovalDecision(Verdict.DENY, "no, use ls")),
    ],
)
async def test_each_answer_can_be_given_with_keys(
    keys: list[str], decision: ApprovalDecision
) -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        await pilot.press(*keys)
        await until(pilot, lambda: bool(stage.results), "the modal was answered")
    assert stage.only_result == decision


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (120, 40)])
@pytest.mark.parametrize(
    ("button", "decision"), [("#once", ONCE), ("#session", SESSION), ("#deny", DENY)]
)
async def test_each_button_can_be_clicked(
    button: str, decision: ApprovalDecision, size: tuple[int, int]
) -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        await pilot.click(button)
        await until(pilot, lambda: bool(stage.results), "the modal was answered")
    assert stage.only_result == decision


async def test_deny_with_a_word_opens_by_click_and_escape_goes_back() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        await pilot.click("#word-choice")
        await until(pilot, lambda: isinstance(modal.focused, Input), "the field has the focus")
        await pilot.press("x", "escape")
        await until(pilot, lambda: isinstance(modal.focused, Choice), "the buttons are back")
        assert stage.results == []
        await pilot.press("enter", "y", "enter")
        await until(pilot, lambda: bool(stage.results), "the denial was sent")
    assert stage.only_result == ApprovalDecision(Verdict.DENY, "xy")


async def test_focus_starts_on_deny_and_enter_denies_after_a_pause() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        assert modal.focused is not None
        assert modal.focused.id == "deny"
        await pilot.press("enter")
        await pilot.pause()
        assert stage.results == [ApprovalDecision(Verdict.DENY)]


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_approval_needs_the_end_to_have_been_on_the_screen(size: tuple[int, int]) -> None:
    clock = FakeClock()
    stage = stage_for(command_request(LONG_COMMAND), clock)
    async with stage.run_test(size=size) as pilot:
        modal = await opened(pilot, clock)
        once = modal.query_one("#once", Choice)
        assert once.disabled
        await pilot.press("ctrl+y")
        await pilot.click("#once")
        await pilot.press("up", "up")
        assert modal.focused is not None
        assert modal.focused.id == "deny", "buttons that are not ready are passed over"
        assert stage.results == []
        await pilot.press("end")
        await until(pilot, lambda: not once.disabled, "the end was seen")
        await until(pilot, lambda: "echo step 99" in screen_text(stage), "the end is drawn")
        await pilot.press("home")
        await until(pilot, lambda: "echo step 0" in screen_text(stage), "back at the top")
        await pilot.press("ctrl+y")
        await until(pilot, lambda: bool(stage.results), "approval counts now")
    assert stage.only_result == ONCE


async def test_the_end_can_be_reached_with_page_down_and_with_the_wheel() -> None:
    for by_wheel in (False, True):
        clock = FakeClock()
        stage = stage_for(command_request(LONG_COMMAND), clock)
        async with stage.run_test(size=(80, 24)) as pilot:
            modal = await opened(pilot, clock)
            preview = modal.query_one(PreviewView)
            for _ in range(100):
                if preview.end_was_seen:
                    break
                if by_wheel:
                    await pilot._post_mouse_events([events.MouseScrollDown], "#preview")
                else:
                    await pilot.press("pagedown")
            await until(pilot, lambda: preview.end_was_seen, f"by wheel: {by_wheel}")  # noqa: B023


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_what_asks_each_time_cannot_be_approved_for_the_session(
    size: tuple[int, int],
) -> None:
    clock = FakeClock()
    rule = "this file tells programs or models what to do (no setting lifts this)"
    stage = stage_for(replace(diff_request(), may_grant=False, rule=rule), clock)
    async with stage.run_test(size=size) as pilot:
        modal = await opened(pilot, clock)
        await pilot.press("end")
        once = modal.query_one("#once", Choice)
        await until(pilot, lambda: not once.disabled, "the end was seen")
        assert modal.query_one("#session", Choice).disabled
        assert size[0] < 80 or "not offered: this asks each time" in screen_text(pilot.app)
        assert size[0] < 80 or "tells programs or models what to do" in screen_text(pilot.app)
        await pilot.click("#session")
        assert stage.results == []
        await pilot.press("up", "enter")
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.results == [ONCE]


def test_a_request_cannot_be_changed_after_it_was_made() -> None:
    request = command_request()
    with pytest.raises(FrozenInstanceError):
        request.subject = "rm -rf /"  # type: ignore[misc]


@pytest.mark.parametrize("by_mouse", [True, False])
async def test_a_call_can_be_approved_for_always_where_the_request_offers_it(
    by_mouse: bool,
) -> None:
    clock = FakeClock()
    scope = "this exact call, in this project"
    stage = stage_for(replace(command_request(), always_scope=scope), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        assert scope in screen_text(stage)
        if by_mouse:
            await pilot.click("#always")
        else:
            await pilot.press("up", "enter")
        await until(pilot, lambda: bool(stage.results), "an answer")
    assert stage.only_result == ApprovalDecision(Verdict.ALWAYS)


@pytest.mark.parametrize("may_grant", [True, False])
async def test_always_is_not_offered_where_the_request_does_not_offer_it(may_grant: bool) -> None:
    clock = FakeClock()
    request = replace(command_request(), may_grant=may_grant)
    if not may_grant:
        request = replace(request, always_scope="this exact call, in this project")
    stage = stage_for(request, clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        assert modal.query_one("#always", Choice).disabled
        assert "Always" not in screen_text(stage)


@pytest.mark.parametrize(("size", "has_sandbox"), [((80, 24), True), ((40, 10), False)])
async def test_a_call_that_only_looks_is_given_no_size_of_a_file(
    size: tuple[int, int], *, has_sandbox: bool
) -> None:
    request = replace(
        command_request("x"),
        action="Read a file",
        subject=".env",
        preview=TextDisplay(".env, 400 lines at most, from line 1"),
        sandbox="none is needed, this program does it itself",
    )
    clock = FakeClock()
    stage = stage_for(request, clock)
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
        assert "Read a file .env" in text
        assert "characters" not in text
        assert ("sandbox: none is needed" in text) is has_sandbox
