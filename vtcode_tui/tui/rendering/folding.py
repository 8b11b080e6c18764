"""Folding a line into rows of a width in cells without losing a character. Pure, never raises."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import get_character_cell_size
from textual.content import Content, Span

from vtcode_tui.tui.rendering.tones import MUTED


def fold_offsets(text: str, width: int, *, at_words: bool = False) -> list[int]:
    """Where the rows of ``text`` begin, in characters, the first at 0.

    No row is wider than ``width`` cells, and their texts joined are ``text``. With ``at_words`` a
    row ends after a blank where that leaves it at least a third full.
    """
    width = max(width, 2)
    if text.isascii() and not at_words:
        return list(range(0, len(text), width)) or [0]
    offsets = [0]
    cells = 0
    break_at = 0
    index = 0
    while index < len(text):
        character_cells = get_character_cell_size(text[index])
        row_start = offsets[-1]
        # Characters without a width of their own must not make an endless row.
        is_full = cells + character_cells > width or index - row_start >= 2 * width
        if is_full:
            is_good_break = at_words and break_at - row_start > width // 3
            offsets.append(break_at if is_good_break else index)
            index = offsets[-1]
            cells = 0
            continue
        cells += character_cells
        index += 1
        if text[index - 1] == " ":
            break_at = index
    return offsets


def fold(content: Content, width: int, *, at_words: bool = False) -> list[Content]:
    """``content``, one line, as rows of at most ``width`` cells, in time linear in its spans."""
    text = content.plain
    if text.isascii() and len(text) <= width:
        return [content]
    offsets = fold_offsets(text, width, at_words=at_words)
    if len(offsets) == 1:
        return [content]
    return _cut(text, content.spans, offsets)


def _cut(text: str, spans: Sequence[Span], offsets: list[int]) -> list[Content]:
    """``text`` cut at ``offsets``, with the part of each span that lies in a row."""
    waiting = sorted(enumerate(spans), key=lambda item: item[1].start, reverse=True)
    reaching: list[tuple[int, Span]] = []
    rows: list[Content] = []
    for start, end in zip(offsets, [*offsets[1:], len(text)], strict=True):
        while waiting and waiting[-1][1].start < end:
            reaching.append(waiting.pop())
        # A later span is painted over an earlier one, whatever their starts.
        reaching.sort(key=lambda item: item[0])
        row_spans = [
            Span(max(span.start, start) - start, min(span.end, end) - start, span.style)
            for _, span in reaching
        ]
        rows.append(Content(text[start:end], row_spans, strip_control_codes=False))
        reaching = [item for item in reaching if item[1].end > end]
    return rows


def broken_gutter(width: int) -> tuple[str, list[Span]]:
    """What stands left of the rows in which a line goes on, in the place of its number."""
    return "┆".rjust(width - 1) + " ", [Span(0, width, MUTED)]


def with_gutter(
    gutter: str, gutter_spans: list[Span], row: Content, *, width: int = 0, style: str = ""
) -> Content:
    """``row`` behind ``gutter``, filled up to ``width`` cells, all of it on ``style``."""
    shift = len(gutter)
    padding = width - shift - row.cell_length if width else 0
    text = gutter + row.plain + " " * padding
    spans = [Span(0, len(text), style)] if style else []
    spans += gutter_spans
    spans += [Span(span.start + shift, span.end + shift, span.style) for span in row.spans]
    return Content(text, spans, strip_control_codes=False)
