"""A one-line button with a description, and a group of them that arrow keys move through."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.rendering.tones import MUTED

_LONGEST_DETAIL = 500
_ROOM_FOR_DETAIL = 24


class Choice(Widget, can_focus=True):
    """A menu line: ``label`` in a column, then ``detail``. Enter or a click chooses it."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Choice {
        width: 1fr;
        height: 1;
        padding: 0 1;
        pointer: pointer;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &:hover { background: $foreground 8%; }
        &:focus { background: $block-cursor-blurred-background; }
        &:disabled { color: $foreground 70%; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Choose", show=False)]

    detail: reactive[str] = reactive("")

    class Chosen(Message):
        """Posted by Enter or a click. ``clicked_at`` is the click's time on the clock of messages,
        or None."""

        def __init__(self, choice: Choice, clicked_at: float | None = None) -> None:
            super().__init__()
            self.choice = choice
            self.clicked_at = clicked_at

    def __init__(
        self,
        label: str,
        detail: str = "",
        *,
        label_width: int = 0,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        disabled: bool = False,
    ) -> None:
        super().__init__(id=id, disabled=disabled)
        self._label = label
        self._label_width = max(label_width, len(label))
        self.set_reactive(Choice.detail, detail)

    def render(self) -> RenderResult:
        pointer = "› " if self.has_focus else "  "
        has_room = self.content_size.width >= self._label_width + _ROOM_FOR_DETAIL
        label = clean_line(self._label).ljust(self._label_width if has_room else 0)
        if not self.detail:
            return Content(pointer + label)
        detail = clean_line(self.detail, _LONGEST_DETAIL)
        label_style = "bold" if self.has_focus else ""
        detail_style = "" if self.has_focus or self.disabled else MUTED
        return Content.assemble(pointer, (label, label_style), "  ", (detail, detail_style))

    def relabel(self, label: str, detail: str) -> None:
        """Change the label and detail."""
        self._label = label
        self._label_width = max(self._label_width, len(label))
        self.detail = detail
        self.refresh()

    def action_choose(self) -> None:
        self.post_message(self.Chosen(self))

    async def _on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Chosen(self, event.time))


class ChoiceGroup(Vertical):
    """Choices below each other; up and down move the focus and wrap around."""

    DEFAULT_CSS = """
    ChoiceGroup { width: 1fr; height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,left", "move(-1)", "Up", show=False),
        Binding("down,right", "move(1)", "Down", show=False),
    ]

    def action_move(self, step: int) -> None:
        choices = [choice for choice in self.query_children(Choice) if not choice.disabled]
        if not choices:
            return
        focused = self.screen.focused
        if isinstance(focused, Choice) and focused in choices:
            target = choices[(choices.index(focused) + step) % len(choices)]
        else:
            target = choices[0 if step > 0 else -1]
        self.screen.set_focus(target, scroll_visible=False)
