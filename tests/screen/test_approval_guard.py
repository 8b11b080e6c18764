"""Typing, pasting and clicking into an approval dialog never answers it by accident."""

from __future__ import annotations

import random

import pytest
from textual import events

from tests.screen.approvals import (
    ONCE,
    command_request,
    next_modal,
    opened,
    shown,
    stage_for,
)
from tests.screen.stage import FakeClock, random_text, screen_text, send_key, until
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

pytestmark = pytest.mark.anyio


TYPIST_RUNS = 8


async def test_enter_after_typing_ends_the_typed_line_and_decides_nothing() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        await pilot.press("o", "k")
        clock.now += 5
        await pilot.press("enter")
        await pilot.pause()
        assert stage.results == []
        assert modal.typed_ahead == "ok"


@pytest.mark.parametrize("key", ["y", "Y", "1", "a", "space", "n", "2"])
@pytest.mark.parametrize("moves", [[], ["up", "up"]])
async def test_no_letter_digit_or_space_answers_wherever_the_focus_is(
    key: str, moves: list[str]
) -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        await pilot.press(*moves, key, "enter")
        await pilot.pause()
        assert stage.results == []
        assert modal.typed_ahead.strip("\n") == {"space": " "}.get(key, key)
        assert modal.focused is not None
        assert modal.focused.id == "deny", "what is typed takes the focus back to deny"


async def test_keys_are_held_until_a_pause_and_the_hint_says_so() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await shown(pilot)
        assert "keys are held until you pause" in screen_text(stage)
        for key in ("escape", "ctrl+y", "up", "enter", "escape"):
            clock.advance(0.5)
            await pilot.press(key)
        assert stage.results == []
        assert modal.focused is not None
        assert modal.focused.id == "deny", "held arrows do not move the focus"
        clock.advance(0.7)
        await until(
            pilot, lambda: "ctrl+y approve once" in screen_text(stage), "the keys are named"
        )
        await pilot.press("ctrl+y")
        await until(pilot, lambda: bool(stage.results), "the key counts after the pause")
    assert stage.only_result == ONCE


async def test_a_paste_never_answers_and_is_kept_for_the_prompt() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        await pilot.press("up", "up")
        stage.post_message(events.Paste("y\nyes\n\n"))
        await until(pilot, lambda: bool(modal.typed_ahead), "the paste arrived")
        await pilot.press("enter")
        await pilot.pause()
        assert stage.results == []
        assert modal.typed_ahead == "y\nyes"


async def test_a_click_counts_only_on_a_button_that_was_seen_for_a_moment() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        clock.advance(0.5)
        await pilot.click("#once")
        await pilot.pause()
        assert stage.results == []
        clock.advance(0.2)
        await pilot.click("#once")
        await until(pilot, lambda: bool(stage.results), "the second click counts")
    assert stage.only_result == ONCE


async def test_a_click_right_after_a_resize_does_not_count() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        seen_since = modal._visible_since
        await pilot.resize_terminal(70, 20)
        await until(pilot, lambda: modal._visible_since != seen_since, "the resize arrived")
        await pilot.click("#once")
        await pilot.pause()
        assert stage.results == []


@pytest.mark.parametrize("longest_pause", [0.55, 2.0])
async def test_a_typist_answers_nothing_and_loses_nothing(longest_pause: float) -> None:
    rng = random.Random(7)
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        for run in range(TYPIST_RUNS):
            modal = await shown(pilot)
            keys = random_text(rng, 16)
            for count, key in enumerate(keys, 1):
                is_pause = rng.random() < 0.1
                clock.advance(
                    rng.uniform(0.3, longest_pause) if is_pause else 1 / rng.uniform(5, 20)
                )
                send_key(stage, key)
                await until(
                    pilot,
                    lambda: len(modal._typed) == count or stage.screen is not modal,  # noqa: B023
                    f"key {count} of {keys} in run {run} arrived",
                )
            expected = "".join("\n" if key == "enter" else key for key in keys).rstrip("\n")
            assert stage.results == [], f"run {run} was answered by {keys}"
            assert modal.typed_ahead == expected, f"run {run} lost text of {keys}"
            await next_modal(stage, pilot, ApprovalModal(command_request(), clock=clock))


class CountingModal(ApprovalModal):
    keys = 0

    def on_key(self, event: events.Key) -> None:
        self.keys += 1
        super().on_key(event)
        event.prevent_default()


class FixedDelayGuard(TypeAheadGuard):
    """The common alternative: opens after a fixed time, regardless of typing."""

    def key_came(self, pressed_at: float, *, is_text: bool) -> bool:
        return self._idle_since is not None and pressed_at - self._idle_since >= 0.5


@pytest.mark.parametrize(
    ("guard_type", "holds"), [(TypeAheadGuard, True), (FixedDelayGuard, False)]
)
async def test_editing_keys_in_the_middle_of_typing_decide_only_with_a_fixed_delay(
    guard_type: type[TypeAheadGuard], holds: bool
) -> None:
    rng = random.Random(11)
    clock = FakeClock()
    stage = stage_for(command_request(), clock, guard_type())
    async with stage.run_test(size=(80, 24)) as pilot:
        for _ in range(10):
            modal = CountingModal(command_request(), clock=clock, guard=guard_type())
            await next_modal(stage, pilot, modal)
            await shown(pilot)
            for count in range(1, 13):
                clock.advance(1 / rng.uniform(5, 20))
                send_key(stage, rng.choice([*"ya1 ", "up", "enter", "escape", "ctrl+y"]))
                await until(
                    pilot,
                    lambda: modal.keys == count or stage.screen is not modal,  # noqa: B023
                    f"key {count} arrived",
                )
            await pilot.pause()
        assert (stage.results == []) is holds


async def test_a_second_answer_in_the_same_moment_changes_nothing() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        modal = await opened(pilot, clock)
        modal.action_approve_once()
        modal.action_back()
        modal.action_approve_once()
        await until(pilot, lambda: stage.screen is not modal, "the modal is gone")
        await pilot.pause()
        assert stage.results == [ONCE]
        assert len(stage.screen_stack) == 1


async def test_rapid_approvals_of_queued_requests_approve_only_the_first() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        first = await opened(pilot, clock)
        for _ in range(5):
            send_key(stage, "ctrl+y")
        await until(pilot, lambda: stage.screen is not first, "the first was answered")
        stage.show(ApprovalModal(command_request("rm -rf build"), clock=clock))
        await shown(pilot)
        for _ in range(5):
            clock.advance(0.1)
            send_key(stage, "ctrl+y")
            await pilot.pause()
        await pilot.click("#once")
        await pilot.pause()
        assert stage.results == [ONCE]
