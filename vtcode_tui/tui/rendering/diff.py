"""Draws a file's diff as rows of Content, in split view if wide enough. Pure, never raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from textual.content import Content, Span

from vtcode_tui.conversation.results import DiffLine, FileDiff
from vtcode_tui.tui.blocks.pairing import SPLIT_WIDTH, pairs
from vtcode_tui.tui.rendering.folding import continuation_gutter, fold, with_gutter
from vtcode_tui.tui.rendering.marked import content_of, marked_pieces, may_need_markers
from vtcode_tui.tui.rendering.syntax import LineSpans, syntax_spans
from vtcode_tui.tui.rendering.tones import BAD, GOOD, MUTED

_SEPARATOR = " │ "
_SIGNS = {"context": " ", "added": "+", "removed": "-"}
_ROW_STYLES = {"context": "", "added": "on $added-background", "removed": "on $removed-background"}
_SIGN_STYLES = {
    "context": MUTED,
    "added": f"bold {GOOD}",
    "removed": f"bold {BAD}",
}


def diff_lines(diff: FileDiff, width: int, *, highlight_limit: int = 20_000) -> list[Content]:
    """``diff`` as rows of exactly ``width`` cells; long lines are folded, nothing is cut.

    A row consists of a line number, a sign and the text; invisible characters are shown as markers.
    A row with ``⋯`` separates hunks. Code of at most ``highlight_limit`` characters is highlighted,
    which takes about 3 us per character.
    """
    number_width = max(2, len(str(_largest_number(diff))))
    may_highlight = _length(diff) <= highlight_limit
    rows: list[Content] = []
    for index, hunk in enumerate(diff.hunks):
        if index:
            rows.append(Content.styled("⋯".rjust(number_width).ljust(width), MUTED))
        spans = _hunk_spans(diff.path, hunk) if may_highlight else [()] * len(hunk)
        if width >= SPLIT_WIDTH and not diff.is_new_file:
            rows.extend(_split_rows(hunk, spans, number_width, width))
            continue
        text_width = max(8, width - number_width - 3)
        for line, line_spans in zip(hunk, spans, strict=True):
            rows.extend(_line_rows(line, line_spans, number_width, text_width))
    return rows


def _split_rows(
    hunk: tuple[DiffLine, ...], spans: Sequence[LineSpans], number_width: int, width: int
) -> Iterator[Content]:
    """Rows with the old side left and the new side right; a side without a line is blank."""
    half = (width - len(_SEPARATOR)) // 2
    text_width = half - number_width - 3
    separator = Content.styled(_SEPARATOR, MUTED)
    for old, new in pairs(hunk):
        sides = [
            []
            if place is None
            else _line_rows(hunk[place], spans[place], number_width, text_width, is_old=is_old)
            for place, is_old in ((old, True), (new, False))
        ]
        blank = Content(" " * half)
        for left, right in zip_longest(*sides, fillvalue=blank):
            row = left + separator + right
            yield row.pad_right(width - row.cell_length)


def _line_rows(
    line: DiffLine,
    line_spans: LineSpans,
    number_width: int,
    text_width: int,
    *,
    is_old: bool = False,
) -> list[Content]:
    number = line.old_number if is_old or line.kind == "removed" else line.new_number
    gutter = f"{'' if number is None else number:>{number_width}} {_SIGNS[line.kind]} "
    gutter_width = number_width + 3
    width = gutter_width + text_width
    style = _ROW_STYLES[line.kind]
    spans = [
        Span(0, number_width, MUTED),
        Span(number_width, gutter_width, _SIGN_STYLES[line.kind]),
    ]
    rows: list[Content] = []
    for row in fold(_text_content(line.text, line_spans), text_width):
        rows.append(with_gutter(gutter, spans, row, width=width, style=style))
        gutter, spans = continuation_gutter(gutter_width)
    return rows


def _text_content(text: str, line_spans: LineSpans) -> Content:
    """A line with syntax colours. Their spans are shifted where markers make the text longer."""
    if not may_need_markers(text):
        return Content(text, [Span(*span) for span in line_spans], strip_control_codes=False)
    pieces = marked_pieces(text, keeps_indent=True)
    marked = content_of(pieces)
    if not line_spans:
        return marked
    moved: list[Span] = []
    source_at = shown_at = 0
    for piece in pieces:
        source_end = source_at + len(piece.source)
        if piece.kind == "text":
            for start, end, style in line_spans:
                first, last = max(start, source_at), min(end, source_end)
                if first < last:
                    shift = shown_at - source_at
                    moved.append(Span(first + shift, last + shift, style))
        source_at = source_end
        shown_at += len(piece.shown)
    return marked.add_spans(moved)


def _hunk_spans(path: str, hunk: tuple[DiffLine, ...]) -> list[LineSpans]:
    """The syntax spans of each line. The old and the new side are highlighted as one text each."""
    old = [line.text for line in hunk if line.kind != "added"]
    new = [line.text for line in hunk if line.kind != "removed"]
    old_spans = iter(syntax_spans(old, path)) if len(old) > 0 else iter(())
    new_spans = iter(syntax_spans(new, path)) if len(new) > 0 else iter(())
    spans: list[LineSpans] = []
    for line in hunk:
        if line.kind == "removed":
            spans.append(next(old_spans))
        elif line.kind == "added":
            spans.append(next(new_spans))
        else:
            next(old_spans)
            spans.append(next(new_spans))
    return spans


def _largest_number(diff: FileDiff) -> int:
    return max(
        (max(line.old_number or 0, line.new_number or 0) for hunk in diff.hunks for line in hunk),
        default=0,
    )


def _length(diff: FileDiff) -> int:
    return sum(len(line.text) for hunk in diff.hunks for line in hunk)
