"""Draws what a tool call would do, as rows of Content. Pure, never raises."""

from __future__ import annotations

from textual.content import Content, Span

from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    Display,
    FileDisplay,
    TextDisplay,
    change_counts,
)
from vtcode_tui.conversation.wording import counted
from vtcode_tui.tui.rendering.diff import diff_lines
from vtcode_tui.tui.rendering.folding import continuation_gutter, fold, with_gutter
from vtcode_tui.tui.rendering.marked import has_loud_marker, marked_content, marked_lines
from vtcode_tui.tui.rendering.syntax import LineSpans, syntax_spans
from vtcode_tui.tui.rendering.tones import MUTED


def preview_rows(display: Display, width: int, *, highlight_limit: int = 20_000) -> list[Content]:
    """All of ``display`` as rows of at most ``width`` cells; nothing is cut or hidden."""
    match display:
        case DiffDisplay(diff):
            return diff_lines(diff, width, highlight_limit=highlight_limit)
        case CommandDisplay(command=command):
            return _command_rows(command, width)
        case FileDisplay(path=path, text=text, first_line=first_line):
            lines = text.split("\n")
            spans = syntax_spans(lines, path) if len(text) <= highlight_limit else None
            return _numbered_rows(lines, first_line, width, spans)
        case TextDisplay(text=text):
            return _text_rows(text, width)


def preview_size(display: Display) -> str:
    """The size of ``display``, such as ``3 lines · 214 characters`` or ``+12 -3``."""
    match display:
        case DiffDisplay(diff):
            new = " new file" if diff.is_new_file else ""
            return change_counts(diff.added, diff.removed) + new
        case CommandDisplay(command=text) | FileDisplay(text=text) | TextDisplay(text=text):
            lines = text.count("\n") + 1
            return f"{counted(lines, 'line')} · {counted(len(text), 'character')}"


def text_length(display: Display) -> int:
    """The number of characters in ``display``."""
    match display:
        case DiffDisplay(diff):
            return sum(len(line.text) for hunk in diff.hunks for line in hunk)
        case CommandDisplay(command=text) | FileDisplay(text=text) | TextDisplay(text=text):
            return len(text)


def has_hidden_parts(display: Display) -> bool:
    """Whether something in ``display`` is shown as a marker because it could deceive a reader."""
    match display:
        case DiffDisplay(diff):
            return any(has_loud_marker(line.text) for hunk in diff.hunks for line in hunk)
        case CommandDisplay(command=text) | FileDisplay(text=text) | TextDisplay(text=text):
            return has_loud_marker(text)


def _command_rows(command: str, width: int) -> list[Content]:
    lines = marked_lines(command)
    if len(lines) > 1:
        return _gutter_rows(lines, [str(number) for number in range(1, len(lines) + 1)], width)
    return _gutter_rows(lines, ["$"], width)


def _text_rows(text: str, width: int) -> list[Content]:
    return [row for line in marked_lines(text) for row in fold(line, width, at_words=True)]


def _numbered_rows(
    lines: list[str], first_line: int, width: int, spans: list[LineSpans] | None
) -> list[Content]:
    contents = [marked_content(line, keeps_indent=True) for line in lines]
    if spans is not None:
        contents = [
            content.add_spans([Span(*span) for span in line_spans])
            if content.plain == line
            else content
            for content, line, line_spans in zip(contents, lines, spans, strict=True)
        ]
    numbers = [str(number) for number in range(first_line, first_line + len(lines))]
    return _gutter_rows(contents, numbers, width)


def _gutter_rows(lines: list[Content], labels: list[str], width: int) -> list[Content]:
    gutter_width = max(len(label) for label in labels) + 1
    rows: list[Content] = []
    for line, label in zip(lines, labels, strict=True):
        gutter = f"{label:>{gutter_width - 1}} "
        spans = [Span(0, gutter_width, MUTED)]
        for row in fold(line, width - gutter_width, at_words=True):
            rows.append(with_gutter(gutter, spans, row))
            gutter, spans = continuation_gutter(gutter_width)
    return rows
