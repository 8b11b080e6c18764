"""Text that the mouse selects: how it is marked on the screen, and what is copied."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from vtcode_tui.tui.blocks.drawing import MARGIN, line_at
from vtcode_tui.tui.blocks.layout import Layout
from vtcode_tui.tui.blocks.palette import readable


def ground_of(selection: Style) -> Style:
    """The style of a selection without a text colour that is none: Textual's themes say
    "transparent" there, which comes out as the ground's own colour."""
    if selection.color != selection.bgcolor:
        return selection
    return Style(bgcolor=selection.bgcolor)


def marked(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """``strip`` with the characters from ``start`` to ``end`` (exclusive) marked, and legible."""
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


def selected_text(page: Layout, selection: Selection) -> str:
    """The text between two places of the page, whose columns count the margin.

    Bars and line numbers are left out, and lines that were only wrapped are joined again.
    """
    first, end_line = selected_lines(page, selection)
    last = end_line - 1
    parts: list[str] = []
    for number in range(first, last + 1):
        index, row = page.at(number)
        line = line_at(page.views[index], row)
        start, end = selection.get_span(number) or (0, -1)
        decor = sum(len(text) for text, _ in line.runs[: line.decor])
        start = max(decor, start - MARGIN)
        text = line.text[start:] if end < 0 else line.text[start : max(start, end - MARGIN)]
        is_whole_line = line.joint == "\n" and end < 0
        parts += [text.rstrip(" ") if is_whole_line else text, line.joint if number < last else ""]
    return "".join(parts)
