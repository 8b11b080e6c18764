"""Draws lines as strips: margin, glyph, text, blanks to the edge. No widget.

A strip is cached while its line, position in the block and palette stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.blocks.lines import BLANK, Line, cells, wrap
from vtcode_tui.tui.blocks.palette import Palette

MARGIN = 4
"""Cells left of the text: the cursor's bar, a blank, the block's glyph, a blank."""
_GUTTER = 2
_CACHED_STRIPS = 2_000

Key = tuple[int, int, bool]


class Drawer:
    """Draws lines for a screen of ``width`` cells, with ``column`` cells for text and ``wide`` for
    code and output."""

    def __init__(self, palette: Palette, width: int, column: int, wide: int) -> None:
        self.palette = palette
        self.width = width
        self.column = column
        self.wide = wide
        self._strips: FIFOCache[Key, tuple[Line, Strip]] = FIFOCache(_CACHED_STRIPS)
        self._blank = Strip.blank(width, palette.base)
        self._hints: Sequence[str] = ()
        self._hint_strips: list[Strip] = []

    def blank(self) -> Strip:
        return self._blank

    def hint(self, hints: Sequence[str], row: int) -> Strip:
        """One line of the hints on an empty page."""
        if hints != self._hints:
            self._hints = hints
            self._hint_strips = [*self._drawn_hints(hints)]
        return self._hint_strips[row] if 0 <= row < len(self._hint_strips) else self._blank

    def _drawn_hints(self, hints: Sequence[str]) -> Iterator[Strip]:
        style = self.palette.style(styles.MUTED)
        for hint in hints:
            for line in wrap([(hint, styles.MUTED)], self.column):
                shown = Strip([Segment(" " * MARGIN + line.text, style)])
                yield shown.adjust_cell_length(self.width, self.palette.base)

    def draw(self, index: int, view: BlockView, row: int, *, is_cursor: bool) -> Strip:
        """The strip of line ``row`` of a block; blank outside the block."""
        if not 0 <= row < len(view.lines):
            return self.blank()
        line = view.lines[row]
        key = (index, row, is_cursor)
        kept = self._strips.get(key)
        if kept is not None and kept[0] is line:
            return kept[1]
        strip = Strip(self._segments(view, line, row, is_cursor), self.width)
        strip = strip.adjust_cell_length(self.width, self.palette.base)
        if row > 0 or not view.is_live:
            self._strips[key] = (line, strip)
        return strip

    def _segments(self, view: BlockView, line: Line, row: int, is_cursor: bool) -> list[Segment]:
        style = self.palette.style
        base = self.palette.base
        bar = Segment("▌ ", style(styles.ACCENT)) if is_cursor else Segment("  ", base)
        segments = [bar, self._glyph(view, row)]
        used = 0
        for text, key in line.runs:
            segments.append(Segment(text, style(key)))
            used += cells(text)
        column = self.wide if view.is_wide else self.column
        if line.fill and used < column:
            segments.append(Segment(" " * (column - used), style(line.fill)))
            used = column
        rest = self.width - MARGIN - used
        if rest > 0:
            segments.append(Segment(" " * rest, base))
        return segments

    def _glyph(self, view: BlockView, row: int) -> Segment:
        text, key = view.glyph
        if row and not view.glyph_on_all:
            return Segment(" " * _GUTTER, self.palette.base)
        return Segment(text.ljust(_GUTTER), self.palette.style(key))


def line_at(view: BlockView, row: int) -> Line:
    """A line of a block; blank in its gap and where nothing is rendered yet."""
    return view.lines[row] if 0 <= row < len(view.lines) else BLANK
