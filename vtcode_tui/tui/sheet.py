"""What the dialogs have in common: a sheet over the chat, told from it by its ground and its bar."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.screen import ScreenResultType
from textual.visual import VisualType
from textual.widgets import Static

from vtcode_tui.tui.dialog import Dialog
from vtcode_tui.tui.rendering.tones import MUTED, TITLE

_TALL = 18
"""From this height on there are blank lines around the parts."""
_PARTING = " · "


class Hint(Static):
    """One line of what keys do. Where there is no room for all, the last stays: the way out."""

    def __init__(self, text: str = "") -> None:
        super().__init__(Content(text), id="hint")
        self._text = text

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        self._text = content.plain if isinstance(content, Content) else str(content)
        super().update(content, layout=layout)

    def render(self) -> RenderResult:
        return Content(fitted_hint(self._text, self.content_size.width))


class Heading(Static):
    """The title of a dialog and, in the same line, how things stand."""

    def __init__(self, title: str, stands: str = "") -> None:
        super().__init__(self._content(title, stands, MUTED))
        self._title = title

    def say(self, stands: str, style: str = MUTED) -> None:
        self.update(self._content(self._title, stands, style), layout=False)

    @staticmethod
    def _content(title: str, stands: str, style: str) -> Content:
        return Content.assemble((title, TITLE), "   ", (stands, style))


def fitted_hint(text: str, width: int) -> str:
    """As many of the parts of ``text`` as there is room for in ``width`` cells, and the last one."""
    *others, last = text.split(_PARTING)
    while others and cell_len(_PARTING.join([*others, last])) > width:
        others.pop()
    return _PARTING.join([*others, last])


class Sheet(Dialog[ScreenResultType]):
    """Put everything in one container with the id ``sheet``; a dialog's own style says what differs.

    Lines are one row high and cut with ``…``; a list has no frame; what stands in ``#hint``,
    ``#note`` and ``#about`` is quiet. A widget that ``fits`` names has the height that is left by
    the others, ``other_lines`` and the blank ones around them, or ``most_lines`` if that is less.
    """

    VERTICAL_BREAKPOINTS = [(0, "-short"), (_TALL, "-tall")]  # noqa: RUF012 - as Textual types it
    fits: ClassVar[str] = ""
    most_lines: ClassVar[int | None] = None
    other_lines: int = 2

    DEFAULT_CSS = """
    Sheet {
        align: center middle;
        & > #sheet {
            width: 100%;
            max-width: 104;
            height: auto;
            max-height: 100%;
            background: $surface;
            border-left: outer $primary;
            padding: 1 2;
        }
        &.-short > #sheet { padding: 0 1; }
        Static { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #hint, #note, #about { color: $foreground 70%; }
        QueryField { margin: 1 0; }
        &.-short QueryField { margin: 0; }
        OptionList {
            height: auto;
            border: none;
            padding: 0;
            background: transparent;
            scrollbar-size: 0 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $surface;
            &:focus { border: none; }
            & > .option-list--option { padding: 0; }
        }
    }
    """

    def on_resize(self) -> None:
        self.fit()

    def fit(self) -> None:
        """Give what scrolls the height that is left."""
        if self.fits:
            blanks = 0 if self.size.height < _TALL else 4
            room = max(1, self.size.height - self.other_lines - blanks)
            self.query_one(self.fits).styles.max_height = min(room, self.most_lines or room)
