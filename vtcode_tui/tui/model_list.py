"""The model picker's list: one scrolling widget with aligned columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from vtcode_tui.ollama.amounts import size_words, tokens_words
from vtcode_tui.ollama.catalogue import FIRST_MODEL
from vtcode_tui.ollama.fit import Fit
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.model_rows import BADGES, Hit, ModelRow, grouped, search, typed_id
from vtcode_tui.tui.rendering.tones import GOOD, MUTED, WARNING

_LONGEST_NAME = 200
_HEADING = f"bold {MUTED}"
_MATCH_STYLE = "bold underline"
_HIGHLIGHT = "on $block-cursor-blurred-background"
_HOVER = "on $foreground 8%"
_TOO_LARGE = str(Fit.TOO_LARGE)
_ROW_OVERHEAD = 6
"""Cells of a row outside of name and columns: pointer, signs, blanks."""
_NARROWEST_NAME = 20


@dataclass(frozen=True, slots=True)
class _Cells:
    """The texts of a row's columns after the name."""

    parameters: str
    quantisation: str
    size: str
    context: str
    badges: str
    fit: str
    rate: str


_COLUMNS = ("parameters", "quantisation", "size", "context", "badges", "fit", "rate")
_DROPPED_FIRST = ("quantisation", "rate", "context", "parameters", "size", "badges", "fit")
_RIGHT_ALIGNED = frozenset({"parameters", "size", "context", "rate"})


class ModelList(ScrollView, can_focus=False):
    """Shows the rows that match a query, under headings, with one of them highlighted."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    ModelList {
        width: 1fr;
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size: 0 1;
        scrollbar-color: $foreground 20%;
        scrollbar-background: $surface;
    }
    """

    class Highlighted(Message):
        """Another row is highlighted; None if no row is left."""

        def __init__(self, row: ModelRow | None) -> None:
            super().__init__()
            self.row = row

    class Picked(Message):
        """The user clicked on a row."""

        def __init__(self, row: ModelRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, current: str | None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._current = current
        self._rows: tuple[ModelRow, ...] = ()
        self._query = ""
        self._lines: list[str | Hit] = []
        self._highlighted_line = -1
        self._hovered = -1
        self._columns: dict[str, int] = {}
        self._name_width = _NARROWEST_NAME
        self._cached_styles: dict[tuple[str, Style, str], RichStyle] = {}

    @property
    def highlighted(self) -> ModelRow | None:
        line = (
            self._lines[self._highlighted_line]
            if 0 <= self._highlighted_line < len(self._lines)
            else None
        )
        return line.row if isinstance(line, Hit) else None

    def set_rows(self, rows: Sequence[ModelRow]) -> None:
        """Set the rows; the highlight stays on the same model."""
        if tuple(rows) == self._rows:
            return
        kept = self.highlighted
        self._rows = tuple(rows)
        self._refill()
        if kept is None or not self._highlight_name(kept.name):
            self._highlight_first()

    def set_query(self, query: str) -> None:
        """Show the rows that match, with the best one highlighted."""
        self._query = query
        self._refill()
        self._highlight_first()

    def move(self, step: int) -> None:
        """Move the highlight by ``step`` rows; a step of one wraps around."""
        choosable = [index for index, line in enumerate(self._lines) if isinstance(line, Hit)]
        if not choosable:
            return
        place = (
            choosable.index(self._highlighted_line) if self._highlighted_line in choosable else 0
        )
        target = place + step
        if abs(step) == 1:
            target %= len(choosable)
        self._highlight(choosable[max(0, min(len(choosable) - 1, target))])

    def page(self, pages: int) -> None:
        self.move(pages * max(2, self.size.height - 2))

    # Content

    def _refill(self) -> None:
        self._lines = []
        for heading, hits in grouped(search(self._rows, self._query)):
            if self._lines:
                self._lines.append("")
            self._lines.append(heading)
            self._lines.extend(hits)
        self._measure()
        self.refresh()

    def _highlight_first(self) -> None:
        """Highlight the best match. Without a query, highlight the current model, or the one to
        install first if none is installed."""
        if not self._query.split() and self._highlight_name(
            self._current or self._first_to_install
        ):
            return
        hits = [(index, line) for index, line in enumerate(self._lines) if isinstance(line, Hit)]
        if not hits:
            self._highlighted_line = -1
            self.post_message(self.Highlighted(None))
            return
        best = max(hits, key=lambda place: (place[1].score, -place[0]))
        self._highlight(best[0])

    @property
    def _first_to_install(self) -> str:
        has_one = any(row.kind == "installed" for row in self._rows)
        return "" if has_one else FIRST_MODEL

    def _highlight_name(self, name: str) -> bool:
        for index, line in enumerate(self._lines):
            if isinstance(line, Hit) and line.row.name == name and line.row.kind != "custom":
                self._highlight(index)
                return True
        return False

    def _highlight(self, index: int) -> None:
        self._highlighted_line = index
        self._scroll_to_highlight()
        self.refresh()
        self.post_message(self.Highlighted(self.highlighted))

    def _scroll_to_highlight(self) -> None:
        """Scroll to the highlighted row and a heading directly above it."""
        if self._highlighted_line < 0 or not self.size.height:
            return
        top = self._highlighted_line
        while top > 0 and isinstance(self._lines[top - 1], str):
            top -= 1
        region = Region(0, top, max(1, self.size.width), self._highlighted_line - top + 1)
        self.scroll_to_region(region, animate=False, force=True, immediate=True)

    # Drawing

    def _on_resize(self, _event: events.Resize) -> None:
        self._measure()
        self._scroll_to_highlight()

    def _measure(self) -> None:
        """Compute the column widths; the least important columns are dropped if space is short."""
        width = self.scrollable_content_region.width
        # A virtual size of another width would trigger a layout of the whole dialog.
        self.virtual_size = Size(1, len(self._lines))
        models = [row for row in self._rows if row.kind != "custom"]
        cells = [_cells_of(row) for row in models]
        columns = {
            name: max((len(getattr(cell, name)) for cell in cells), default=0) for name in _COLUMNS
        }
        self._columns = {name: size for name, size in columns.items() if size}
        longest = max(
            (cell_len(clean_line(row.name, _LONGEST_NAME)) for row in self._rows), default=0
        )
        for dropped in (*_DROPPED_FIRST, ""):
            taken = sum(size + 2 for size in self._columns.values())
            room = width - taken - _ROW_OVERHEAD
            if room >= min(longest, _NARROWEST_NAME) or not dropped:
                break
            self._columns.pop(dropped, None)
        self._name_width = max(
            4, min(longest, width - _ROW_OVERHEAD - sum(n + 2 for n in self._columns.values()))
        )

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_offset.y)
        style = self.visual_style
        if index >= len(self._lines):
            return Strip.blank(width, style.rich_style)
        if index == self._highlighted_line:
            style += Style.parse(_HIGHLIGHT)
        elif index == self._hovered:
            style += Style.parse(_HOVER)
        line = self._lines[index]
        parts = [(f" {line}", _HEADING)] if isinstance(line, str) else self._parts_of(line, index)
        segments = [Segment(text, self._rich_style(style, tone)) for text, tone in parts if text]
        return Strip(segments).adjust_cell_length(width, style.rich_style)

    def _rich_style(self, background: Style, tone: str) -> RichStyle:
        """A cached style: creating one for each part would be most of the rendering work."""
        key = (self.app.theme, background, tone)
        if key not in self._cached_styles:
            self._cached_styles[key] = (background + Style.parse(tone)).rich_style
        return self._cached_styles[key]

    def _parts_of(self, hit: Hit, index: int) -> list[tuple[str, str]]:
        """The texts of a row with their styles."""
        row, is_highlighted = hit.row, index == self._highlighted_line
        name = self._name_parts(hit)
        taken = sum(cell_len(text) for text, _ in name)
        is_current = row.name == self._current and row.kind != "custom"
        parts = [
            ("› " if is_highlighted else "  ", ""),
            ("● " if row.loaded else "  ", GOOD),
            *name,
            (" " * max(0, self._name_width - taken), ""),
            (" ✓" if is_current else "  ", GOOD),
        ]
        if row.kind == "custom":
            typed = typed_id(self._query)
            use = f"use {clean_line(typed, 100)}" if typed else "type the id of any model"
            return [*parts, (f"  {use}", MUTED)]
        cells = _cells_of(row)
        for column, size in self._columns.items():
            text: str = getattr(cells, column)
            text = text.rjust(size) if column in _RIGHT_ALIGNED else text.ljust(size)
            is_quiet = column != "badges" and not is_highlighted
            tone = MUTED if is_quiet else ""
            if column == "fit" and row.fit == _TOO_LARGE:
                tone = WARNING
            parts.append((f"  {text}", tone))
        return parts

    def _name_parts(self, hit: Hit) -> list[tuple[str, str]]:
        """The name cropped to its column, with the matching characters marked."""
        name = clean_line(hit.row.name, _LONGEST_NAME)
        shown = Content(name).truncate(self._name_width, ellipsis=True).plain
        if not hit.positions or name != hit.row.name:
            return [(shown, "")]
        found = frozenset(hit.positions)
        marks = (_MATCH_STYLE if at in found else "" for at in range(len(shown)))
        return list(zip(shown, marks, strict=True))

    # Mouse

    def _on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(event.y + round(self.scroll_offset.y))

    def _on_leave(self, _event: events.Leave) -> None:
        self._hover(-1)

    def _hover(self, index: int) -> None:
        is_row = 0 <= index < len(self._lines) and isinstance(self._lines[index], Hit)
        hovered = index if is_row else -1
        if hovered != self._hovered:
            self._hovered = hovered
            self.refresh()

    async def _on_click(self, event: events.Click) -> None:
        index = event.y + round(self.scroll_offset.y)
        line = self._lines[index] if 0 <= index < len(self._lines) else None
        if isinstance(line, Hit):
            event.stop()
            self._highlight(index)
            self.post_message(self.Picked(line.row))


@lru_cache(maxsize=512)
def _cells_of(row: ModelRow) -> _Cells:
    return _Cells(
        parameters=clean_line(row.parameters, 10),
        quantisation=clean_line(row.quantisation, 10),
        size="" if row.size_bytes is None else size_words(row.size_bytes),
        context="" if row.context_length is None else tokens_words(row.context_length),
        badges=" ".join(word for badge, word in BADGES.items() if badge in row.badges),
        fit=row.fit,
        rate=row.rate,
    )
