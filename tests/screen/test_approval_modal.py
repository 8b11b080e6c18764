from __future__ import annotations

import json
import random
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.screen.stage import FakeClock, Stage, random_text, screen_text, send_key, until
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import CommandDisplay, DiffDisplay, DiffLine, FileDiff
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.choice import Choice
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.rendering.marked import marked_pieces
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

pytestmark = pytest.mark.anyio

COMMANDS = Path(__file__).parents[1] / "corpora" / "adversarial_commands.jsonl"
TYPIST_RUNS = 8
LONG_COMMAND = "\n".join(f"echo step {number}" for number in range(100))


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
    """The modal once it was painted and knows whether its end is on the screen."""
    modal = modal_on(pilot)
    await until(pilot, lambda: modal._visible_since is not None, "the modal was painted")
    await pilot.pause()
    return modal


async def opened(pilot: Pilot[None], clock: FakeClock) -> ApprovalModal:
    """The modal after the user has paused for long enough."""
    modal = await shown(pilot)
    clock.advance(1.0)
    await pilot.pause()
    return modal


def stage_for(
    request: ApprovalRequest, clock: FakeClock, guard: TypeAheadGuard | None = None
) -> Stage[ApprovalDecision]:
    return Stage(ApprovalModal(request, clock=clock, guard=guard))


ONCE = ApprovalDecision(Verdict.ONCE)
SESSION = ApprovalDecision(Verdict.SESSION)
DENY = ApprovalDecision(Verdict.DENY)


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
    """What others do: open once a fixed time has passed, whatever is being typed."""

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


async def next_modal(
    stage: Stage[ApprovalDecision], pilot: Pilot[None], modal: ApprovalModal
) -> None:
    if isinstance(stage.screen, ApprovalModal):
        await stage.pop_screen()
    stage.show(modal)
    await until(pilot, lambda: stage.screen is modal, "the next modal is up")


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


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (120, 40)])
async def test_it_shows_what_where_why_and_every_button(size: tuple[int, int]) -> None:
    clock = FakeClock()
    stage = stage_for(command_request("make test"), clock)
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
        for part in (
            "Run a command",
            "/work/project",
            "asks because the settings say [tools",
            "$ make test",
        ):
            assert part in text, text
        assert "!" not in text
        for button in ("Approve once", "Approve for this session", "Deny", "Deny with a word…"):
            assert button in text, text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_what_programs_are_known_to_do_stands_before_the_command(
    size: tuple[int, int],
) -> None:
    clock = FakeClock()
    request = replace(command_request("rm -r x"), heed="rm deletes files")
    stage = stage_for(request, clock)
    async with stage.run_test(size=size) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
        assert text.index("! rm deletes files") < text.index("$ rm -r x")
        assert "Deny" in text


async def test_a_diff_shows_its_path_both_sides_and_the_scope_of_a_session_approval() -> None:
    clock = FakeClock()
    stage = stage_for(diff_request(), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
    for part in (
        "src/app.py",
        "+1 -1",
        "2 - print('old')",
        "2 + print('new')",
        "edits of src/app.py",
    ):
        assert part in text, text


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


async def test_a_request_that_is_asked_again_says_why() -> None:
    clock = FakeClock()
    stage = stage_for(command_request(reason="the file changed in between"), clock)
    for size in ((80, 24), (40, 10)):
        stage = stage_for(command_request(reason="the file changed in between"), clock)
        async with stage.run_test(size=size) as pilot:
            await opened(pilot, clock)
            assert "the file changed in between" in screen_text(stage)


async def test_invisible_characters_are_markers_and_are_announced() -> None:
    command = "ls\u202e\x1b[2J" + " " * 3_000 + ";\u00a0rm\t-rf ~\n\n\n\nexit"
    clock = FakeClock()
    stage = stage_for(command_request(command), clock)
    async with stage.run_test(size=(80, 30)) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
    for marker in (
        "⟨U+202E⟩",
        "␛[2J",
        "··· 3,000 blanks ···",
        "⟨U+00A0⟩",
        "⇥",
        "··· 4 newlines ···",
    ):
        assert marker in text, text
    assert "has a marker" in text


async def test_markup_in_a_request_is_shown_as_it_is() -> None:
    clock = FakeClock()
    command = "echo '[/red][@click=app.quit]x[/]'"
    stage = stage_for(command_request(command, reason="[/b] [red"), clock)
    async with stage.run_test(size=(80, 24)) as pilot:
        await opened(pilot, clock)
        text = screen_text(stage)
    assert command in text
    assert "[/b] [red" in text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_every_hostile_command_is_drawn_whole(size: tuple[int, int]) -> None:
    commands = [json.loads(line)["cmd"] for line in COMMANDS.read_text("utf-8").splitlines()]
    hostile = [command for command in commands if not command.isascii() or len(command) > 300]
    assert hostile
    clock = FakeClock()
    stage = stage_for(command_request(hostile[0]), clock)
    async with stage.run_test(size=size) as pilot:
        for command in hostile[:20]:
            await next_modal(stage, pilot, ApprovalModal(command_request(command), clock=clock))
            modal = await opened(pilot, clock)
            preview = modal.query_one(PreviewView)
            send_key(stage, "end")
            await until(pilot, lambda: preview.end_was_seen, command)  # noqa: B023
            lines = shown_text(command).count("\n") + 1
            gutter = len("$ ") if lines == 1 else len(f"{lines} ")
            drawn = "".join(row[gutter:] for row in preview.plain_rows)
            assert drawn == shown_text(command).replace("\n", "")
            assert stage.results == []


def shown_text(command: str) -> str:
    """The command with its markers, as one text."""
    return "".join(piece.shown for piece in marked_pieces(command))


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
