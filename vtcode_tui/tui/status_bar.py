"""The status line: state with its seconds, model, tokens, workspace."""

from __future__ import annotations

import math
from collections.abc import Callable

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from vtcode_tui.tui.status_line import (
    READY,
    WAITING_FOR_APPROVAL,
    Span,
    Status,
    laid_out,
    status_line,
)

__all__ = ["READY", "WAITING_FOR_APPROVAL", "Status", "StatusBar", "status_line"]


class StatusBar(Widget):
    """Shows ``status``; a click on a part posts ``Pressed``. ``clock`` is the monotonic clock, in
    seconds, of ``state_since``."""

    DEFAULT_CSS = """
    StatusBar {
        width: 1fr;
        height: 1;
        padding: 0 1;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    class Pressed(Message):
        """A part was clicked; ``action`` opens or changes it."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    status: reactive[Status] = reactive(Status())

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._ticking: Timer | None = None

    def on_mount(self) -> None:
        self._tick_while_busy()

    def show(self, status: Status) -> None:
        """Show ``status`` without a new layout."""
        self.status = status

    def watch_status(self, before: Status, now: Status) -> None:
        if before.state_since != now.state_since:
            self._tick_while_busy()

    def _tick_while_busy(self) -> None:
        """Run the timer only while seconds are counted."""
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        if self.status.state_since is not None and self.is_attached:
            self._ticking = self.set_interval(1.0, self.refresh)

    @property
    def is_ticking(self) -> bool:
        """Whether the seconds of a state are being counted."""
        return self._ticking is not None

    def on_click(self, event: events.Click) -> None:
        column = event.x - self.styles.padding.left
        for span in self._laid_out()[1]:
            if span.start <= column < span.end:
                event.stop()
                self.post_message(self.Pressed(span.action))
                return

    def render(self) -> RenderResult:
        return self._laid_out()[0]

    def _laid_out(self) -> tuple[Content, tuple[Span, ...]]:
        since = self.status.state_since
        seconds = 0 if since is None else math.floor(self._clock() - since)
        return laid_out(self.status, seconds, self.content_size.width)
