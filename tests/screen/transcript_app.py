"""A small app around the real transcript view, and helpers that read its screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from vtcode_tui.conversation.events import (
    Event,
    ReasoningDelta,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Display, Outcome, TextDisplay, ToolResult
from vtcode_tui.tui.appearance import ReadableColours
from vtcode_tui.tui.transcript_view import TranscriptView


class TranscriptApp(ReadableColours[None]):
    """The view above an input, which has the focus initially."""

    CSS = "TranscriptView { height: 1fr; }"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.view = TranscriptView(clock=clock)
        self.heard: list[TranscriptView.FollowingChanged] = []

    def compose(self) -> ComposeResult:
        yield self.view
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_transcript_view_following_changed(
        self, message: TranscriptView.FollowingChanged
    ) -> None:
        self.heard.append(message)


async def until(pilot: Pilot[None], holds: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until ``holds``; fail with the screen on timeout."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "\n".join(rows(pilot))
        await pilot.pause(0.01)


async def show(pilot: Pilot[None], *events: Event) -> TranscriptView:
    """Apply events and wait until they are on the screen."""
    view = pilot.app.query_one(TranscriptView)
    for event in events:
        view.apply(event)
    await settle(pilot)
    return view


async def settle(pilot: Pilot[None]) -> None:
    view = pilot.app.query_one(TranscriptView)
    await pilot.pause()
    await until(pilot, lambda: view.is_settled)
    await pilot.pause()


def rows(pilot: Pilot[None]) -> list[str]:
    """The text of the view's rows as drawn."""
    view = pilot.app.query_one(TranscriptView)
    return [strip.text.rstrip() for strip in view.render_lines(view.size.region)]


def row_of(pilot: Pilot[None], text: str) -> int:
    """The row that contains ``text``."""
    return next(number for number, row in enumerate(rows(pilot)) if text in row)


def tool_call(
    name: str = "read_file",
    subject: str = "a.py",
    outcome: Outcome = Outcome.OK,
    display: Display | None = None,
    summary: str = "3 lines",
) -> Iterable[Event]:
    """A tool call that finishes at once."""
    call = ToolCall(f"{name}:{subject}", name, {})
    shown = display or TextDisplay("first shown line\nsecond shown line")
    yield ToolCallRequested(call, subject)
    yield ToolCallFinished(call.call_id, ToolResult(outcome, "content", shown, summary, 0.4))


def turns(count: int) -> Iterable[Event]:
    """``count`` turns with thinking, a call and an answer of several kinds of blocks."""
    for number in range(count):
        yield TurnStarted(number, f"question {number}")
        yield ReasoningDelta(f"considering {number}")
        yield from tool_call(subject=f"file{number}.py")
        yield TextDelta(f"# Answer {number}\n\n- one\n- two\n\n```python\nx = {number}\n```\n\n")
        yield TextDelta("Some words that go on for a while. " * 4 + f"end of {number}\n")
        yield TurnFinished(TurnEnd.DONE, 1.0)
