"""A scrollable text dialog, closed by Esc."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeAlias

from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.rendering.columns import in_columns
from vtcode_tui.tui.rendering.tones import TITLE
from vtcode_tui.tui.sheet import Hint, Sheet

Text: TypeAlias = Content | Callable[[int], Content]
"""A text, or a function that makes it for a width in cells."""
_HINT = "↑ ↓ pgup pgdn scroll · esc close"


class Columns(Widget):
    """Text in columns; long lines continue under their last column."""

    DEFAULT_CSS = "Columns { width: 1fr; height: auto; }"

    def __init__(self, content: Text) -> None:
        super().__init__()
        self._content = content
        self._cached: tuple[int, Content] = (0, Content())

    def _content_for(self, width: int) -> Content:
        if self._cached[0] != width:
            content = self._content if isinstance(self._content, Content) else self._content(width)
            self._cached = (width, in_columns(content, width))
        return self._cached[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return self._content_for(width).plain.count("\n") + 1

    def render(self) -> RenderResult:
        return self._content_for(self.content_size.width)


class TextSheet(Sheet[None]):
    """Shows ``content`` under ``title``; its untrusted text must be cleaned."""

    DEFAULT_CSS = """
    TextSheet {
        VerticalScroll {
            height: auto;
            scrollbar-size-vertical: 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $surface;
            margin: 1 0;
        }
        &.-short VerticalScroll { margin: 0; }
    }
    """
    AUTO_FOCUS = "VerticalScroll"
    fits = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close", show=False),
    ]

    def __init__(self, title: str, content: Text) -> None:
        super().__init__()
        self._title = title
        self._content = content

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield Static(Content.styled(self._title, TITLE), id="title")
            with VerticalScroll():
                yield Columns(self._content)
            yield Hint(_HINT)

    def action_close(self) -> None:
        if self.is_active:
            self.dismiss(None)
