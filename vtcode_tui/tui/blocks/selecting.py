"""Text selection with the mouse: how it is drawn, and what is copied."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from vtcode_tui.tui.blocks.drawing import MARGIN, line_at
from vtcode_tui.tui.blocks.layout import Layout
from vtcode_tui.tui.blocks.lines import BLANK, Line
from vtcode_tui.tui.blocks.palette import readable


def selection_background(selection: Style) -> Style:
    """The selection's style without its text colour if that is not a real one: Textual's themes set
    it to "transparent", which results in the background colour."""
    if selection.color != selection.bgcolor:
        return selection
    return Style(bgcolor=selection.bgcolor)


def marked(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """``strip`` with the characters from ``start`` to before ``end`` highlighted and legible."""
    segments: list[Segment] = []
    position = 0
    for text, segment_style, _ in strip:
        first = min(max(start - position, 0), len(text))
        last = min(max(end - position, first), len(text))
        parts = ((text[:first], False), (text[first:last], True), (text[last:], False))
        for part, is_selected in parts:
            if part:
                own = segment_style or Style.null()
                segments.append(
                    Segment(part, readable(own + style) if is_selected else segment_style)
                )
        position += len(text)
    return Strip(segments, strip.cell_length)


def selected_lines(page: Layout, selection: Selection) -> tuple[int, int]:
    """The first selected line of the page, and the one after the last."""
    first = selection.start.y if selection.start else 0
    last = selection.end.y if selection.end else page.total
    return first, min(last + 1, page.total)


def selected_span(page: Layout, selection: Selection, number: int) -> tuple[int, int] | None:
    """The selected characters of the page's line ``number``, without the margin; the end is -1 for
    a line selected to its end. None if nothing is selected.

    In split view only the side in which the selection begins is selected.
    """
    span = selection.get_span(number)
    if span is None:
        return None
    start, end = max(0, span[0] - MARGIN), span[1] if span[1] < 0 else max(0, span[1] - MARGIN)
    sides = line_at_number(page, number).sides
    chosen = _side(page, selection) if sides else None
    if chosen is None:
        return start, end
    side = sides[chosen]
    if side.joint is None:
        return None
    last = side.end if end < 0 else min(end, side.end)
    return max(start, side.code), max(last, side.code)


def _side(page: Layout, selection: Selection) -> int | None:
    """The side of a split view in which the selection begins; None if it begins elsewhere."""
    if selection.start is None:
        return None
    sides = line_at_number(page, selection.start.y).sides
    return int(selection.start.x - MARGIN >= sides[1].start) if sides else None


def line_at_number(page: Layout, number: int) -> Line:
    index, row = page.at(number)
    return line_at(page.views[index], row) if page.views else BLANK


def selected_text(page: Layout, selection: Selection) -> str:
    """The selected text of the page. Columns of ``selection`` include the margin.

    Bars and line numbers are left out, and wrapped lines are joined.
    """
    parts: list[str] = []
    chosen = _side(page, selection)
    for number in range(*selected_lines(page, selection)):
        line = line_at_number(page, number)
        side = line.sides[chosen] if line.sides and chosen is not None else None
        if side is not None and side.joint is None:
            continue
        start, end = selected_span(page, selection, number) or (0, -1)
        decor = sum(len(text) for text, _ in line.runs[: line.decor])
        text = line.text[max(decor, start) : len(line.text) if end < 0 else max(decor, end)]
        joint = line.joint if side is None or side.joint is None else side.joint
        parts += [text.rstrip(" ") if joint == "\n" and end < 0 else text, joint]
    return "".join(parts[:-1])
