"""A sheet of text to read and scroll, closed by Esc."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.tui.rendering.tones import TITLE
from vtcode_tui.tui.sheet import Sheet

_HOW = "up, down, page up and page down scroll · esc closes"


class TextSheet(Sheet[None]):
    """Shows ``content``, whose untrusted text was cleaned, under ``title``."""

    DEFAULT_CSS = """
    TextSheet {
        VerticalScroll {
            height: auto;
            scrollbar-size-vertical: 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $surface;
            margin: 1 0;
        }
        VerticalScroll Static { height: auto; text-wrap: wrap; }
    }
    """
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close", show=False),
    ]
    _OTHER_LINES = 6

    def __init__(self, title: str, content: Content) -> None:
        super().__init__()
        self._title = title
        self._content = content

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled(self._title, TITLE), id="title")
            with VerticalScroll():
                yield Static(self._content)
            yield Static(Content(_HOW), id="hint")

    def on_mount(self) -> None:
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """The text has the height that the other lines of the sheet leave."""
        room = max(3, self.size.height - self._OTHER_LINES)
        self.query_one(VerticalScroll).styles.max_height = room

    def action_close(self) -> None:
        if self.is_active:
            self.dismiss(None)
