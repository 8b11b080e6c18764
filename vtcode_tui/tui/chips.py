"""The lines above the composer that show the attachments and what kind of prompt it is."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.rendering.tones import MUTED

_LONGEST_LABEL = 40
_LONGEST_NOTE = 60
_GAP = 3
_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Chip:
    """``key`` identifies it to the caller."""

    key: str
    label: str
    note: str = ""


class ChipBar(Widget):
    """Shows chips with a hint below. Takes no space when empty."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    ChipBar {
        display: none;
        width: 1fr;
        height: auto;
        margin: 1 0 0 0;
        padding: 0 2;
        &.-joined { margin: 0; }
    }
    """

    class Removed(Message):
        """The cross of a chip was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self._chips: tuple[Chip, ...] = ()
        self._hint = ""

    def show(self, chips: Sequence[Chip], hint: str = "") -> None:
        if (tuple(chips), hint) == (self._chips, self._hint):
            return
        self._chips, self._hint = tuple(chips), hint
        self.display = bool(chips or hint)
        self.refresh(layout=True)

    @property
    def shown(self) -> tuple[Chip, ...]:
        return self._chips

    def render(self) -> RenderResult:
        lines = [Content("   ").join([_content(chip) for chip in line]) for line in self._lines()]
        if self._hint:
            lines.append(Content.styled(self._hint, MUTED))
        width = self._width()
        return Content("\n").join([line.truncate(width, ellipsis=True) for line in lines])

    def on_click(self, event: events.Click) -> None:
        lines = self._lines()
        y = event.y - self.gutter.top
        if not 0 <= y < len(lines):
            return
        at = event.x - self.gutter.left
        for chip in lines[y]:
            length = _content(chip).cell_length
            if at < length:
                if at >= length - 2:
                    self.post_message(self.Removed(chip.key))
                return
            at -= length + _GAP

    def _width(self) -> int:
        return max(10, self.content_size.width or self.app.size.width - 4)

    def _lines(self) -> list[list[Chip]]:
        """The chips in lines of the width; those that would take too many lines are counted
        instead."""
        lines: list[list[Chip]] = []
        room = 0
        for index, chip in enumerate(self._chips):
            length = _content(chip).cell_length
            if not lines or room < length + _GAP:
                if len(lines) == _MOST_LINES:
                    rest = len(self._chips) - index
                    lines[-1][-1] = Chip("", f"{rest + 1} more")
                    break
                lines.append([])
                room = self._width() + _GAP
            lines[-1].append(chip)
            room -= length + _GAP
        return lines


def _content(chip: Chip) -> Content:
    note = f" {clean_line(chip.note, _LONGEST_NOTE)}" if chip.note else ""
    label = clean_line(chip.label, 400)
    if len(label) > _LONGEST_LABEL:
        label = f"…{label[-_LONGEST_LABEL + 1 :]}"
    return Content.assemble(("+ ", MUTED), label, (note, MUTED), (" ×" if chip.key else "", MUTED))
