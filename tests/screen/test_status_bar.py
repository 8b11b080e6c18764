"""The status line: what fits at which width, clicks, seconds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import on
from textual.app import App, ComposeResult

from tests.screen.stage import FakeClock, screen_text, until
from vtcode_tui.conversation.events import RetryScheduled
from vtcode_tui.errors import ServerBusy
from vtcode_tui.tui.actions import BY_NAME
from vtcode_tui.tui.status_bar import READY, WAITING_FOR_APPROVAL, Status, StatusBar, status_line
from vtcode_tui.tui.status_line import Note, parts_of
from vtcode_tui.tui.turn_status import TurnStatusReducer

FULL = Status(
    model="qwen3:8b",
    effort="medium",
    state="thinking",
    state_since=100.0,
    tokens_in=1_204,
    tokens_out=356,
    tokens_per_second=41.7,
    workspace="vtcode-tui",
    notes=(Note("tools as text"),),
)


EVERYTHING = replace(
    FULL,
    mode="plan",
    place="local",
    tools="native tools",
    context_tokens=12_000,
    context_window=32_768,
    branch="main",
    trust="trusted",
    sandbox="sandbox bubblewrap",
    sandbox_in_short="sandboxed",
    notes=(Note("2 queued"),),
)


class BarStage(App[None]):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.pressed: list[str] = []

    @on(StatusBar.Pressed)
    def _pressed(self, message: StatusBar.Pressed) -> None:
        self.pressed.append(message.action)

    def compose(self) -> ComposeResult:
        yield StatusBar(clock=self._clock)

    @property
    def bar(self) -> StatusBar:
        return self.query_one(StatusBar)


def is_ticking(stage: BarStage) -> bool:
    return stage.bar.is_ticking


def test_a_wide_line_says_everything() -> None:
    line = status_line(FULL, 3, 120).plain
    assert line.startswith("● thinking 3 s · qwen3:8b · tools as text · effort medium")
    assert line.endswith("1.2k in, 356 out · 42 tok/s · vtcode-tui")
    assert len(line) == 120


def test_a_very_wide_line_has_every_part() -> None:
    line = status_line(EVERYTHING, 3, 220).plain
    for part in (
        "thinking 3 s", "qwen3:8b", "◇ plan", "2 queued", "local", "effort medium",
        "sandbox bubblewrap", "native tools", "trusted", "42 tok/s", "12k of 32k", "main",
    ):  # fmt: skip
        assert part in line


def test_at_80_and_40_columns_the_most_important_stays() -> None:
    at_80 = status_line(EVERYTHING, 3, 80).plain
    for part in ("thinking 3 s", "qwen3:8b", "◇ plan", "2 queued", "sandboxed", "12k of 32k"):
        assert part in at_80
    assert status_line(EVERYTHING, 3, 40).plain == "● thinking 3 s · qwen3:8b · ◇ plan"


@pytest.mark.parametrize("note", ["no sandbox", "Landlock, network open"])
def test_a_missing_sandbox_is_dropped_last(note: str) -> None:
    status = replace(
        EVERYTHING, sandbox=note, sandbox_in_short="", model="hf.co/someone/Coder-32B-GGUF:Q4_K_M"
    )
    at_80 = status_line(status, 3, 80).plain
    for part in ("thinking 3 s", "hf.co/some", "…", "◇ plan", note):
        assert part in at_80
    assert note in status_line(status, 3, 52).plain


def test_a_long_model_name_is_cut_before_sandbox_and_window_are_dropped() -> None:
    status = replace(EVERYTHING, notes=(), model="hf.co/someone/Coder-32B-GGUF:Q4_K_M")
    line = status_line(status, 3, 80).plain
    assert line.startswith("● thinking 3 s · hf.co/someone/Coder-32B-GGU… · ◇ plan · sandboxed")
    assert line.endswith("12k of 32k")


def test_every_part_that_can_be_clicked_names_an_action_of_the_table() -> None:
    actions = {part.action for part in parts_of(EVERYTHING, 3)} - {""}
    assert {"interrupt", "pick_model", "switch_mode", "show_context"} <= actions
    assert actions <= set(BY_NAME)


@pytest.mark.anyio
async def test_a_click_on_a_part_posts_its_action() -> None:
    stage = BarStage(FakeClock())
    async with stage.run_test(size=(220, 5)) as pilot:
        stage.bar.show(EVERYTHING)
        await until(pilot, lambda: "bubblewrap" in screen_text(stage), "the line")
        line = next(line for line in screen_text(stage).split("\n") if "bubblewrap" in line)
        for word in ("thinking", "qwen3", "plan", "local", "effort", "12k", "42 tok", "2 queued"):
            await pilot.click(StatusBar, offset=(line.index(word) + 1, 0))
        await until(pilot, lambda: len(stage.pressed) >= 7, "the clicks")
    assert stage.pressed == [
        "interrupt", "pick_model", "switch_mode", "choose_server", "pick_effort", "show_context",
        "show_timing",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 100])
def test_a_line_never_exceeds_its_width_and_keeps_the_state(width: int) -> None:
    line = status_line(FULL, 3, width)
    assert line.cell_length <= width
    assert line.plain.startswith("● thinking 3 s")


@pytest.mark.anyio
async def test_the_wait_before_another_try_counts_down() -> None:
    clock = FakeClock()
    reducer = TurnStatusReducer(clock)
    reducer.apply(RetryScheduled(1, 58.0, ServerBusy("Busy.")))
    stage = BarStage(clock)
    async with stage.run_test(size=(60, 5)) as pilot:
        turn = reducer.status
        stage.bar.show(Status(model="m", state=turn.state, state_since=turn.since))
        await until(pilot, lambda: "retrying in 58 s" in screen_text(stage), "all of it")
        clock.now += 56.5
        stage.bar.refresh()
        await until(pilot, lambda: "retrying in 2 s" in screen_text(stage), "the rest")


def test_less_important_parts_are_dropped_first() -> None:
    at_80 = status_line(FULL, 3, 80).plain
    assert "qwen3:8b" in at_80
    assert "effort medium" in at_80
    assert "vtcode-tui" not in at_80
    assert status_line(FULL, 3, 41).plain == "● thinking 3 s · qwen3:8b · tools as text"
    assert status_line(FULL, 3, 40).plain == "● thinking 3 s · qwen3:8b"
    assert status_line(FULL, 3, 20).plain == "● thinking 3 s"


def test_a_long_model_name_is_cut_before_it_is_dropped() -> None:
    status = replace(FULL, model="hf.co/bartowski/DeepSeek-Coder-V2-Lite:Q4_K_M", notes=())
    line = status_line(status, 3, 40).plain
    assert line.startswith("● thinking 3 s · hf.co/")
    assert line.endswith("…")


def test_untrusted_names_are_cleaned_and_never_markup() -> None:
    status = replace(FULL, model="[/red]\x1b[2J\n", notes=(Note("[b]x"),), workspace="\u202e")
    assert "[/red]␛[2J⏎" in status_line(status, 0, 120).plain
    assert "[b]x" in status_line(status, 0, 120).plain
    assert "⟨U+202E⟩" in status_line(status, 0, 140).plain


@pytest.mark.parametrize(
    ("state", "since", "mark"),
    [(READY, None, "○"), ("answering", 1.0, "●"), (WAITING_FOR_APPROVAL, 1.0, "◆")],
)
def test_states_differ_by_shape(state: str, since: float | None, mark: str) -> None:
    assert status_line(Status(state=state, state_since=since), 0, 80).plain.startswith(mark)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "thinking ·"), (59, "59 s"), (60, "1 min 00 s"), (605, "10 min 05 s")],
)
def test_durations_are_formatted(seconds: int, words: str) -> None:
    assert words in status_line(FULL, seconds, 120).plain


@pytest.mark.anyio
async def test_seconds_count_while_busy_and_no_timer_runs_while_idle() -> None:
    clock = FakeClock()
    stage = BarStage(clock)
    async with stage.run_test(size=(80, 5)) as pilot:
        assert not is_ticking(stage)
        stage.bar.show(Status(model="m", state="loading model", state_since=clock()))
        assert is_ticking(stage)
        clock.advance(12)
        await until(pilot, lambda: "loading model 12 s" in screen_text(stage), "twelve seconds")
        stage.bar.show(Status(model="m"))
        assert not is_ticking(stage)
        await until(pilot, lambda: "○ ready · m" in screen_text(stage), "ready")


@pytest.mark.anyio
async def test_an_update_paints_without_a_new_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    stage = BarStage(clock)
    async with stage.run_test(size=(80, 5)) as pilot:
        await pilot.pause()
        layouts: list[bool] = []
        refresh = stage.bar.refresh

        def watched(*regions: object, layout: bool = False, **others: object) -> StatusBar:
            layouts.append(layout)
            return refresh(layout=layout)

        monkeypatch.setattr(stage.bar, "refresh", watched)
        stage.bar.show(FULL)
        await until(pilot, lambda: "thinking" in screen_text(stage), "the new status")
        assert layouts
        assert not any(layouts)


@pytest.mark.anyio
async def test_it_is_one_line_high_at_every_width() -> None:
    clock = FakeClock()
    stage = BarStage(clock)
    async with stage.run_test(size=(120, 5)) as pilot:
        stage.bar.show(FULL)
        for width in (120, 80, 40, 20):
            await pilot.resize_terminal(width, 5)
            assert stage.bar.outer_size.height == 1
            assert "thinking" in screen_text(stage)
