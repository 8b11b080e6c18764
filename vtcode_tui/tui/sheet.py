"""Base class and widgets that the dialogs share: a sheet over the chat with its own background and
a bar at the left."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.screen import ScreenResultType
from textual.visual import VisualType
from textual.widgets import Static

from vtcode_tui.tui.dialog import DIALOG_BREAKPOINTS, TALL_LINES, Dialog
from vtcode_tui.tui.rendering.tones import MUTED, TITLE

_SEPARATOR = " · "


class Hint(Static):
    """One line of key hints. The last hint, which says how to leave, is never dropped."""

    def __init__(self, text: str = "") -> None:
        super().__init__(Content(text), id="hint")
        self._text = text

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        self._text = content.plain if isinstance(content, Content) else str(content)
        super().update(content, layout=layout)

    def render(self) -> RenderResult:
        return Content(fitted_hint(self._text, self.content_size.width))


class NotedHint(Hint):
    """A line about the highlighted row, above the key hints. One widget less to mount and lay out:
    each takes about a millisecond of a dialog's opening."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._note = Content()

    def show_note(self, note: Content) -> None:
        self._note = note
        self.refresh()

    def render(self) -> RenderResult:
        width = self.content_size.width
        note = self._note.truncate(width, ellipsis=True)
        return Content.assemble(note, "\n", fitted_hint(self._text, width))


class Heading(Static):
    """The title of a dialog and its state, in one line."""

    def __init__(self, title: str, state: str = "") -> None:
        super().__init__(self._content(title, state, MUTED))
        self._title = title

    def show_state(self, state: str, style: str = MUTED) -> None:
        self.update(self._content(self._title, state, style), layout=False)

    @staticmethod
    def _content(title: str, state: str, style: str) -> Content:
        return Content.assemble((title, TITLE), "   ", (state, style))


def fitted_hint(text: str, width: int) -> str:
    """Drop hints of ``text`` from the right until it fits ``width`` cells; always keep the last
    one."""
    *others, last = text.split(_SEPARATOR)
    while others and cell_len(_SEPARATOR.join([*others, last])) > width:
        others.pop()
    return _SEPARATOR.join([*others, last])


class Sheet(Dialog[ScreenResultType]):
    """A dialog whose widgets are in one container with the id ``sheet``.

    Lines are one row high and end in ``…`` when cut; lists have no border; ``#hint`` and
    ``#about`` are muted. The widget that the selector ``fits`` names gets the height that
    ``other_lines`` and the blank lines leave, at most ``most_lines``.
    """

    VERTICAL_BREAKPOINTS = DIALOG_BREAKPOINTS
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
        #hint, #about { color: $foreground 70%; }
        NotedHint { height: 2; margin: 1 0 0 0; }
        &.-short NotedHint { margin: 0; }
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
        """Set the maximum height of the scrolling widget."""
        if self.fits:
            blanks = 0 if self.size.height < TALL_LINES else 4
            room = max(1, self.size.height - self.other_lines - blanks)
            for part in self.query(self.fits):  # Not mounted yet, or removed, during some resizes.
                part.styles.max_height = min(room, self.most_lines or room)
