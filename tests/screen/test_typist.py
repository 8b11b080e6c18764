"""A user who keeps typing while a dialog appears answers nothing and loses nothing, in many random runs."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from textual import events
from textual.pilot import Pilot

from tests.screen.approvals import command_request, modal_on, next_modal, shown
from tests.screen.stage import FakeClock, Stage, random_text, send_key
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

pytestmark = pytest.mark.anyio

RUNS = 1_000
FIXED_DELAY_S = 0.5


class FixedDelayModal(ApprovalModal):
    """The common alternative: the first button has the focus, and keys count after half a second."""

    AUTO_FOCUS = "#once"

    def on_key(self, event: events.Key) -> None:
        event.prevent_default()
        since = self._visible_since
        if since is not None and self.pressed_at(event) - since >= FIXED_DELAY_S:
            return
        event.stop()
        self.keep_typed(event)


@dataclass
class Tally:
    approved: int = 0
    denied: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def runs_answered(self) -> int:
        return self.approved + self.denied


def typed_prompt(rng: random.Random) -> list[str]:
    """A prompt without two Enters in a row, since nobody sends an empty prompt."""
    keys: list[str] = []
    for key in random_text(rng, 24):
        if key != "enter" or (keys and keys[-1] != "enter"):
            keys.append(key)
    return keys


def delay(rng: random.Random) -> float:
    """A delay between keys: 5 to 20 keys a second, with occasional pauses."""
    return rng.uniform(0.3, 2.0) if rng.random() < 0.1 else 1 / rng.uniform(5, 20)


def appears(modal: ApprovalModal, now: float, *, has_draft: bool) -> None:
    """Reset the dialog to its state when it first becomes visible; one screen serves many runs."""
    modal.guard = TypeAheadGuard()
    modal.guard.appeared(now)
    modal._visible_since = now
    modal._typed.clear()
    modal._has_draft = has_draft
    modal._user_moved_focus = False
    modal.set_focus(modal.query_one(modal.AUTO_FOCUS), scroll_visible=False)


async def one_run(
    pilot: Pilot[None], stage: Stage[ApprovalDecision], clock: FakeClock, rng: random.Random
) -> str:
    """Type a prompt during which the dialog appears; return the text that was lost.

    A key that the dialog lets through is sent again as from the terminal, so that it acts.
    """
    modal = modal_on(pilot)
    keys = typed_prompt(rng)
    before = rng.randrange(len(keys) - 8)
    clock.advance(delay(rng))
    appears(modal, clock.now, has_draft=before > 0 and keys[before - 1] != "enter")
    expected: list[str] = []
    for key in keys[before:]:
        clock.advance(delay(rng))
        event = events.Key({" ": "space"}.get(key, key), "\r" if key == "enter" else key)
        modal.on_key(event)
        expected.append("\n" if key == "enter" else key)
        if not event._stop_propagation:
            send_key(stage, key)
            await pilot.pause()
            if stage.results:
                return ""
    text = "".join(expected).rstrip("\n")
    return "" if modal.typed_ahead == text else f"{text!r} became {modal.typed_ahead!r}"


async def type_into(make_modal: Callable[[FakeClock], ApprovalModal], runs: int) -> Tally:
    rng, clock, tally = random.Random(2026), FakeClock(), Tally()
    stage = Stage(make_modal(clock))
    async with stage.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        for _ in range(runs):
            lost = await one_run(pilot, stage, clock, rng)
            if lost:
                tally.lost.append(lost)
            for decision in stage.results:
                is_denial = decision is None or decision.verdict is Verdict.DENY
                tally.denied += is_denial
                tally.approved += not is_denial
            if stage.results:
                stage.results.clear()
                await next_modal(stage, pilot, make_modal(clock))
                await shown(pilot)
    return tally


async def test_a_typist_approves_and_denies_nothing_and_loses_nothing() -> None:
    tally = await type_into(lambda clock: ApprovalModal(command_request(), clock=clock), RUNS)
    assert (tally.approved, tally.denied, tally.lost) == (0, 0, [])


async def test_the_same_typist_answers_a_question_that_waits_for_a_fixed_time() -> None:
    tally = await type_into(lambda clock: FixedDelayModal(command_request(), clock=clock), 12)
    assert tally.approved > 0


async def test_without_knowing_of_the_draft_the_same_typist_would_deny() -> None:
    class Forgetful(ApprovalModal):
        def on_key(self, event: events.Key) -> None:
            self._has_draft = False
            super().on_key(event)
            event.prevent_default()

    tally = await type_into(lambda clock: Forgetful(command_request(), clock=clock), RUNS)
    assert tally.denied > 0
    assert tally.approved == 0
