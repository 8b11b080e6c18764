"""Folds a line into rows of a given width without losing a character. Pure, never raises."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import get_character_cell_size
from textual.content import Content, Span

from vtcode_tui.tui.rendering.tones import MUTED


def fold_offsets(text: str, width: int, *, at_words: bool = False) -> list[int]:
    """The offsets in characters at which the rows of ``text`` begin, the first being 0.

    No row is wider than ``width`` cells, and the rows joined are ``text``. With ``at_words`` a row
    ends after a blank if it is then more than a third full.
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
        # Zero-width characters must not make a row endless.
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
    """Fold ``content``, one line, into rows of at most ``width`` cells. Linear in its spans."""
    text = content.plain
    if text.isascii() and len(text) <= width:
        return [content]
    offsets = fold_offsets(text, width, at_words=at_words)
    if len(offsets) == 1:
        return [content]
    return _cut(text, content.spans, offsets)


def _cut(text: str, spans: Sequence[Span], offsets: list[int]) -> list[Content]:
    """``text`` cut at ``offsets``; each row keeps its part of every span."""
    waiting = sorted(enumerate(spans), key=lambda item: item[1].start, reverse=True)
    reaching: list[tuple[int, Span]] = []
    rows: list[Content] = []
    for start, end in zip(offsets, [*offsets[1:], len(text)], strict=True):
        while waiting and waiting[-1][1].start < end:
            reaching.append(waiting.pop())
        # A later span is painted over an earlier one, wherever they start.
        reaching.sort(key=lambda item: item[0])
        row_spans = [
            Span(max(span.start, start) - start, min(span.end, end) - start, span.style)
            for _, span in reaching
        ]
        rows.append(Content(text[start:end], row_spans, strip_control_codes=False))
        reaching = [item for item in reaching if item[1].end > end]
    return rows


def continuation_gutter(width: int) -> tuple[str, list[Span]]:
    """The gutter of a continuation row, in place of a line number."""
    return "┆".rjust(width - 1) + " ", [Span(0, width, MUTED)]


def with_gutter(
    gutter: str, gutter_spans: list[Span], row: Content, *, width: int = 0, style: str = ""
) -> Content:
    """``gutter`` and ``row``, padded to ``width`` cells, all of it in ``style``."""
    shift = len(gutter)
    padding = width - shift - row.cell_length if width else 0
    text = gutter + row.plain + " " * padding
    spans = [Span(0, len(text), style)] if style else []
    spans += gutter_spans
    spans += [Span(span.start + shift, span.end + shift, span.style) for span in row.spans]
    return Content(text, spans, strip_control_codes=False)
