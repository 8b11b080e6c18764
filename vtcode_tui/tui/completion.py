"""Completion while typing: the offered rows, the popup that shows them, and its keys.

A completer is called after each change and must return at once; one that needs longer returns what
it has and calls ``Completions.changed`` when it has more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import TypeAlias

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED

Location: TypeAlias = tuple[int, int]

MOST_ROWS = 8
_LONGEST = 200
_LABEL_SHARE = 0.6
_WIDEST_COLUMN = 24


@dataclass(frozen=True, slots=True)
class Completion:
    """``value`` replaces what was typed; ``label`` and ``detail`` are shown, with the characters of
    the label at ``marked`` highlighted. With ``sends``, Enter also sends the prompt."""

    value: str
    label: str
    detail: str = ""
    marked: tuple[int, ...] = ()
    sends: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """``rows``, best first, for the text from ``start`` to ``end``. ``note`` is shown below."""

    start: Location
    end: Location
    rows: tuple[Completion, ...]
    note: str = ""


Completer: TypeAlias = Callable[[str, Location], Offer | None]
"""Takes the whole text and the cursor's location; returns None if it has nothing to offer."""


class CompletionPopup(Widget):
    """Shows the rows over the content above it. The focus stays in the text area."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    CompletionPopup {
        display: none;
        overlay: screen;
        width: 1fr;
        height: auto;
        padding: 0 1;
        background: $surface;
        border-left: outer $primary;
        pointer: pointer;
    }
    """

    class Taken(Message):
        """A row was clicked."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._offer: Offer | None = None
        self._row = 0

    @property
    def offer(self) -> Offer | None:
        """What is shown, None while hidden."""
        return self._offer

    @property
    def chosen(self) -> Completion | None:
        return self._offer.rows[self._row] if self._offer is not None else None

    def show(self, offer: Offer | None) -> None:
        """Show the rows of ``offer`` and select the first; hide if there are none."""
        self._offer = offer if offer is not None and offer.rows else None
        self._row = 0
        self.display = self._offer is not None
        if self._offer is not None:
            height = len(self._shown()) + bool(self._footer())
            self.styles.height = height
            self.styles.offset = (0, -height)
        self.refresh()

    def move(self, step: int) -> None:
        """Select another row, wrapping around."""
        if self._offer is not None:
            self._row = (self._row + step) % len(self._offer.rows)
            self.refresh()

    def choose(self, row: int) -> None:
        if self._offer is not None and 0 <= row < len(self._offer.rows):
            self._row = row
            self.refresh()

    def render(self) -> RenderResult:
        if self._offer is None:
            return Content("")
        lines = [self._line(self._offer.rows, index) for index in self._shown()]
        foot = self._footer()
        if foot:
            lines.append(Content.styled(f"  {foot}", MUTED).truncate(self._width, ellipsis=True))
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        shown = self._shown()
        if event.y < len(shown):
            self.post_message(self.Taken(shown[event.y]))

    @property
    def _width(self) -> int:
        return max(1, self.content_size.width)

    def _shown(self) -> range:
        """The visible rows, including the selected one."""
        count = len(self._offer.rows) if self._offer is not None else 0
        first = max(0, min(self._row - MOST_ROWS // 2, count - MOST_ROWS))
        return range(first, min(count, first + MOST_ROWS))

    def _footer(self) -> str:
        if self._offer is None:
            return ""
        count = len(self._offer.rows)
        position = f"{self._row + 1} of {count}" if count > MOST_ROWS else ""
        return " · ".join(filter(None, (position, clean_line(self._offer.note, _LONGEST))))

    def _line(self, rows: Sequence[Completion], index: int) -> Content:
        row, is_chosen = rows[index], index == self._row
        label = Content(clean_line(row.label, _LONGEST))
        if len(label.plain) == len(row.label):
            for at in row.marked:
                label = label.stylize("underline", at, at + 1)
        room = max(8, int(self._width * _LABEL_SHARE))
        label = label.truncate(room, ellipsis=True)
        # A label that is much longer than the others takes no room from their details.
        lengths = [len(rows[each].label) for each in self._shown()]
        column = max([length for length in lengths if length <= _WIDEST_COLUMN] or lengths)
        label = label.pad_right(max(0, min(column, room) - label.cell_length))
        line = Content.assemble(
            "› " if is_chosen else "  ",
            label.stylize(EMPHASIS) if is_chosen else label,
            "  ",
            (clean_line(row.detail, _LONGEST), "" if is_chosen else MUTED),
        )
        return line.truncate(self._width, ellipsis=True)


class KeyUse(Enum):
    """What happened to a key: not used by the popup, used, or used and the prompt is to be sent."""

    UNUSED = auto()
    TAKEN = auto()
    SEND = auto()


class Completions:
    """Controls a popup for ``area``: call ``changed`` after each change of its text by the user,
    ``take_key`` before it handles a key, and ``hide`` when it loses the focus."""

    def __init__(self, area: TextArea) -> None:
        self._area = area
        self._popup: CompletionPopup | None = None
        self._completers: Sequence[Completer] = ()
        self._is_dismissed = False
        self._taken_text: str | None = None
        self._seen_text = ""

    def attach(self, popup: CompletionPopup, *completers: Completer) -> None:
        """Show in ``popup`` the rows of the first of ``completers`` that offers any."""
        self._popup, self._completers = popup, completers

    @property
    def is_open(self) -> bool:
        return self._popup is not None and self._popup.offer is not None

    def changed(self) -> None:
        self._seen_text = self._area.text
        if self._area.text == self._taken_text:
            self.hide()
            return
        self._taken_text = None
        offer = self._find()
        if offer is None:
            # Esc hides the popup for the current word, not for the next one.
            self._is_dismissed = False
        if self._popup is not None:
            self._popup.show(None if self._is_dismissed else offer)

    def hide(self) -> None:
        """Offer nothing for the current text."""
        self._seen_text = self._area.text
        if self._popup is not None:
            self._popup.show(None)

    def take(self, row: int | None = None) -> bool:
        """Insert a row (default: the selected one); return whether it also sends."""
        popup = self._popup
        if popup is None or popup.offer is None:
            return False
        if row is not None:
            popup.choose(row)
        offer, chosen = popup.offer, popup.chosen
        popup.show(None)
        if chosen is None:
            return False
        self._area.replace(chosen.value, offer.start, offer.end, maintain_selection_offset=False)
        self._taken_text = self._area.text
        return chosen.sends

    def take_key(self, key: str) -> KeyUse:
        if self._area.text != self._seen_text:
            # Keys can arrive before the message about a change: rows for an older text must not be
            # used.
            self.changed()
        if not self.is_open or self._popup is None:
            return KeyUse.UNUSED
        match key:
            case "up":
                self._popup.move(-1)
            case "down":
                self._popup.move(1)
            case "escape":
                self._is_dismissed = True
                self.hide()
            case "tab":
                self.take()
            case "enter":
                return KeyUse.SEND if self.take() else KeyUse.TAKEN
            case _:
                return KeyUse.UNUSED
        return KeyUse.TAKEN

    def _find(self) -> Offer | None:
        text, cursor = self._area.text, self._area.cursor_location
        for completer in self._completers:
            offer = completer(text, cursor)
            if offer is not None:
                return offer
        return None
