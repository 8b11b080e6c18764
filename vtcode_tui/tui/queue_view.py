"""Lists the queued prompts above the composer. Takes no space when empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.prompt_queue import WaitingPrompt
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED

_MOST_ROWS = 4
_LONGEST = 300


class QueueView(Widget, can_focus=True):
    """Posts what to do with a prompt; focusable when there are prompts."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    QueueView {
        display: none;
        width: 1fr;
        height: auto;
        margin: 1 0 0 0;
        padding: 0 1;
        border-left: outer $foreground 20%;
        &:focus { border-left: outer $primary; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("queue")

    class Wanted(Message):
        """``what`` is "edit", "remove" or "send"; ``index`` is the position in the queue."""

        def __init__(self, what: str, index: int) -> None:
            super().__init__()
            self.what = what
            self.index = index

    class Left(Message):
        """The user returns to the composer."""

    def __init__(self) -> None:
        super().__init__()
        self._prompts: tuple[WaitingPrompt, ...] = ()
        self._row = 0

    def show(self, prompts: Sequence[WaitingPrompt]) -> None:
        if not prompts and not self._prompts:
            return
        self._prompts = tuple(prompts)
        self._row = min(self._row, max(0, len(prompts) - 1))
        self.display = bool(prompts)
        self.refresh(layout=True)
        if self.has_focus and not prompts:
            self.post_message(self.Left())

    def choose_last(self) -> None:
        """Move the cursor to the last prompt."""
        self._row = max(0, len(self._prompts) - 1)
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        shown = self._shown()
        lines = [self._line(index) for index in shown]
        foot = self._footer(len(self._prompts) - len(shown))
        if foot:
            lines.append(Content.styled(f"  {foot}", MUTED))
        width = max(1, self.content_size.width or self.app.size.width - 3)
        return Content("\n").join([line.truncate(width, ellipsis=True) for line in lines])

    def _shown(self) -> range:
        first = max(0, min(self._row - _MOST_ROWS // 2, len(self._prompts) - _MOST_ROWS))
        return range(first, min(len(self._prompts), first + _MOST_ROWS))

    def _line(self, index: int) -> Content:
        prompt = self._prompts[index]
        is_chosen = self.has_focus and index == self._row
        word = "next step" if prompt.is_steering else "held" if prompt.is_held else "queued"
        attached = len(prompt.input.attachments)
        text = clean_line(prompt.input.text.strip(), _LONGEST)
        return Content.assemble(
            "› " if is_chosen else "  ",
            (f"{word:<11}", MUTED),
            (text, EMPHASIS if is_chosen else ""),
            (f"  +{attached}" if attached else "", MUTED),
        )

    def _footer(self, more: int) -> str:
        parts = [f"{more} more"] if more > 0 else []
        if self.has_focus:
            parts.append("Enter edits · Del removes · Ctrl+S sends now · Down goes back")
        return " · ".join(parts)

    def on_focus(self) -> None:
        self.refresh(layout=True)

    def on_blur(self) -> None:
        self.refresh(layout=True)

    def on_click(self, event: events.Click) -> None:
        shown = self._shown()
        if event.y < len(shown):
            self._row = shown[event.y]
            self.refresh()

    def action_queue_up(self) -> None:
        self._row = max(0, self._row - 1)
        self.refresh()

    def action_queue_down(self) -> None:
        if self._row + 1 >= len(self._prompts):
            self.post_message(self.Left())
            return
        self._row += 1
        self.refresh()

    def action_edit_waiting(self) -> None:
        self._want("edit")

    def action_remove_waiting(self) -> None:
        self._want("remove")

    def action_send_waiting(self) -> None:
        self._want("send")

    def _want(self, what: str) -> None:
        if self._prompts:
            self.post_message(self.Wanted(what, self._row))
