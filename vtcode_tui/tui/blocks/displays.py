"""Renders the result of an unfolded tool call: text, a file, a diff, a command. Pure.

Very long results are shortened, with a note. Lines that contain the search match are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TypeAlias, assert_never

from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    Display,
    FileDiff,
    FileDisplay,
    TextDisplay,
)
from vtcode_tui.conversation.wording import counted
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.code import CodeHighlighter
from vtcode_tui.tui.blocks.lines import Line, Run, Side, cells, cropped, hard_wrap, wrap
from vtcode_tui.tui.blocks.pairing import SPLIT_WIDTH, pairs

SearchPattern: TypeAlias = "re.Pattern[str] | None"
"""The pattern that the user searches for in the conversation."""
BAR: Run = ("│ ", styles.FAINT)
_SEPARATOR: Run = (" │ ", styles.FAINT)
_MOST_LINES = 400
_LONGEST_LINE = 2_000
_LONGEST_MATCH_LINE = 20_000
_LONGEST_CUT_LINE = _LONGEST_MATCH_LINE + 100
"""Includes the note about the omitted characters."""
_LONGEST_QUERY = 200
_MOST_MATCHES = 200
_CONTEXT_LINES = 2
"""Context lines above and below a line with a match."""
_LONGEST_TAIL_LINE = 500
_LONGEST_TEXT = 200_000
_LONGEST_COMMAND = 8_000
_SIGNS = {"context": " ", "added": "+", "removed": "-"}
_BACKGROUND_OF_KIND = {
    "context": styles.CODE_BACKGROUND,
    "added": styles.ADDED_BACKGROUND,
    "removed": styles.REMOVED_BACKGROUND,
}
_SIGN_ROLE = {"context": styles.FAINT, "added": styles.SUCCESS, "removed": styles.ERROR}


def display_lines(display: Display, width: int, pattern: SearchPattern = None) -> list[Line]:
    """All of a display; the middle of a very long one is replaced by a note."""
    match display:
        case TextDisplay(text=text):
            return text_lines(text, width, pattern=pattern)
        case FileDisplay():
            return _file_lines(display, width, pattern)
        case DiffDisplay(diff=diff):
            return _diff_lines(diff, width, pattern)
        case CommandDisplay(command=command, output=output):
            return _command_lines(command, output, width, pattern)
        case _:
            assert_never(display)


def text_lines(
    text: str,
    width: int,
    *,
    most_lines: int = _MOST_LINES,
    longest_line: int = _LONGEST_LINE,
    pattern: SearchPattern = None,
) -> list[Line]:
    """Plain text behind a bar; the middle of too many lines is replaced by a note."""
    lines = clean_text(bounded(text)).rstrip("\n").split("\n")
    half = most_lines // 2
    result: list[Line] = []
    end = 0
    for part in _shown(lines, half, half, pattern):
        if part.start > end:
            result.append(_omission(lines[end : part.start], pattern))
        for line in lines[part.start : part.stop]:
            shown = _line_start(line, longest_line, pattern)
            result += _with_bar(wrap([(shown, styles.MUTED)], width - 2))
        end = part.stop
    return result


def _line_start(line: str, longest: int, pattern: SearchPattern) -> str:
    """A line up to ``longest`` characters, or up to the last match after that."""
    start = max(0, longest - _LONGEST_QUERY)
    for found in pattern.finditer(line, start, _LONGEST_MATCH_LINE) if pattern else ():
        longest = max(longest, found.end())
    if len(line) <= longest:
        return line
    return line[:longest] + f"… {counted(len(line) - longest, 'character')} not shown"


def _shown(lines: Sequence[str], first: int, last: int, pattern: SearchPattern) -> list[range]:
    """The ranges of lines to show: the ``first`` and ``last`` ones, and those with a match."""
    count = len(lines)
    if count <= first + last:
        return [range(count)]
    found = [
        n for n in range(first, count - last) if pattern is not None and pattern.search(lines[n])
    ]
    parts = [range(first)]
    around = [
        range(max(0, n - _CONTEXT_LINES), n + _CONTEXT_LINES + 1) for n in found[:_MOST_MATCHES]
    ]
    for part in [*around, range(count - last, count)]:
        before = parts[-1]
        if part.start <= before.stop:
            parts[-1] = range(before.start, min(count, max(before.stop, part.stop)))
        else:
            parts.append(part)
    return [part for part in parts if part]


def bounded(text: str, longest: int = _LONGEST_TEXT) -> str:
    """``text``, or its beginning and end with a note if it is longer than ``longest``."""
    if len(text) <= longest:
        return text
    end = longest // 2
    return f"{text[:end]}\n⋯ {len(text) - 2 * end:,} characters not shown\n{text[-end:]}"


def tail_lines(text: str, width: int, count: int) -> list[Line]:
    """The last ``count`` lines of growing output, each cropped to one line."""
    recent = text[-count * _LONGEST_TAIL_LINE :]
    lines = clean_text(recent).rstrip("\n").split("\n")[-count:]
    return [Line((BAR, (cropped(line, width - 2), styles.MUTED)), decor=1) for line in lines]


def _with_bar(lines: Sequence[Line]) -> list[Line]:
    return [Line((BAR, *line.runs), decor=1, joint=line.joint) for line in lines]


def _omission(lines: Sequence[str], pattern: SearchPattern) -> Line:
    """A note with the number of omitted lines, and how many of them have a match."""
    matching = sum(pattern.search(line) is not None for line in lines) if pattern else 0
    return _omission_of(len(lines), f", and {matching:,} more with a match" if matching else "")


def _omission_of(count: int, more: str = "") -> Line:
    note = f"⋯ {counted(count, 'line')} not shown{more}: e opens all in the editor"
    return Line((BAR, (note, styles.MUTED | styles.ITALIC)), decor=1)


def _command_lines(command: str, output: str, width: int, pattern: SearchPattern) -> list[Line]:
    shown = clean_text(bounded(command, _LONGEST_COMMAND)).strip("\n")
    runs = [("$ ", styles.ACCENT | styles.BOLD), (shown, styles.TEXT)]
    lines = _with_bar(wrap(runs, width - 2)) if shown else []
    if output.strip():
        lines += text_lines(output, width, pattern=pattern)
    return lines


def _file_lines(display: FileDisplay, width: int, pattern: SearchPattern) -> list[Line]:
    source = clean_text(bounded(display.text)).rstrip("\n").split("\n")
    number_width = len(str(display.first_line + len(source) - 1))
    lines: list[Line] = []
    end = 0
    for part in _shown(source, _MOST_LINES, 0, pattern):
        if part.start > end:
            lines.append(_omission(source[end : part.start], pattern))
        highlighter = CodeHighlighter(display.path)
        for offset in part:
            gutter = (f"{display.first_line + offset:>{number_width}} ", _MUTED_CODE)
            lines += _numbered(
                highlighter.line(source[offset]), gutter, width, styles.CODE_BACKGROUND
            )
        end = part.stop
    if len(source) > end:
        lines.append(_omission(source[end:], pattern))
    return lines


_MUTED_CODE = styles.MUTED | styles.CODE_BACKGROUND


def _numbered(code: Sequence[Run], gutter: Run, width: int, background: int) -> list[Line]:
    """Code next to a line number, which is drawn but not copied."""
    # A continuation line has a sign in place of the number.
    broken = ("┆".rjust(len(gutter[0]) - 1) + " ", styles.MUTED | background)
    return [
        Line((broken if index else gutter, *line.runs), background, 1, line.joint)
        for index, line in enumerate(hard_wrap(code, width - len(gutter[0])))
    ]


def _diff_lines(diff: FileDiff, width: int, pattern: SearchPattern) -> list[Line]:
    highest = max(
        (line.new_number or line.old_number or 0 for hunk in diff.hunks for line in hunk),
        default=0,
    )
    number_width = len(str(highest))
    is_split = width >= SPLIT_WIDTH and not diff.is_new_file
    draw = _split_hunk if is_split else _unified_hunk
    lines: list[Line] = []
    omitted = 0
    for hunk in diff.hunks:
        if len(lines) > 2 * _MOST_LINES and not _has_match(hunk, pattern):
            omitted += len(hunk)
            continue
        if omitted:
            lines.append(_omission_of(omitted))
        elif lines:
            lines.append(Line(((" " * number_width + " ⋯", styles.MUTED),), decor=1))
        cut = [replace(each, text=_line_start(each.text, _LONGEST_LINE, pattern)) for each in hunk]
        lines += draw(diff.path, cut, number_width, width)
        omitted = 0
    return [*lines, _omission_of(omitted)] if omitted else lines


def _has_match(hunk: Sequence[DiffLine], pattern: SearchPattern) -> bool:
    return pattern is not None and any(pattern.search(line.text) for line in hunk)


def _unified_hunk(
    path: str, hunk: Sequence[DiffLine], number_width: int, width: int
) -> Iterator[Line]:
    before, after = CodeHighlighter(path), CodeHighlighter(path)
    for entry in hunk:
        yield from _diff_line(entry, before, after, number_width, width)


def _split_hunk(
    path: str, hunk: Sequence[DiffLine], number_width: int, width: int
) -> Iterator[Line]:
    """The old side left and the new side right, each with its own highlighter state."""
    half = (width - len(_SEPARATOR[0])) // 2
    highlighters = (CodeHighlighter(path), CodeHighlighter(path))
    for pair in pairs(hunk):
        sides = [
            _half_lines(hunk[place], highlighter, number_width, half, is_old=is_old)
            if place is not None
            else []
            for place, highlighter, is_old in zip(pair, highlighters, (True, False), strict=True)
        ]
        blank = Line(((" " * half, styles.TEXT),), sides=(Side(0, half, half, None),))
        for left, right in zip_longest(*sides, fillvalue=blank):
            yield _join_sides(left, right)


def _join_sides(left: Line, right: Line) -> Line:
    """Join both sides to one line; each knows which of its characters are copied."""
    runs = (*left.runs, _SEPARATOR, *right.runs)
    shift = len(left.text)
    there = [
        each._replace(
            start=shift,
            code=each.code + shift + len(_SEPARATOR[0]),
            end=each.end + shift + len(_SEPARATOR[0]),
        )
        for each in right.sides
    ]
    return Line(runs, sides=(*left.sides, *there))


def _half_lines(
    entry: DiffLine, highlighter: CodeHighlighter, number_width: int, half: int, *, is_old: bool
) -> list[Line]:
    """One side of a split line, padded to ``half`` cells."""
    background = _BACKGROUND_OF_KIND[entry.kind]
    runs = highlighter.line(clean_line(entry.text, _LONGEST_CUT_LINE))
    number = entry.old_number if is_old else entry.new_number
    filled: list[Line] = []
    for line in _numbered(
        _with_background(runs, background), _gutter(entry, number, number_width), half, background
    ):
        rest = half - cells(line.text)
        whole = (*line.runs, (" " * rest, background)) if rest > 0 else line.runs
        side = Side(0, len(line.runs[0][0]), len(line.text), line.joint)
        filled.append(Line(whole, sides=(side,)))
    return filled


def _with_background(runs: Sequence[Run], background: int) -> list[Run]:
    return [(run, key & ~styles.BACKGROUND_MASK | background) for run, key in runs]


def _gutter(entry: DiffLine, number: int | None, number_width: int) -> Run:
    role = _SIGN_ROLE[entry.kind] if entry.kind != "context" else styles.MUTED
    text = f"{number or '':>{number_width}} {_SIGNS[entry.kind]} "
    return text, role | _BACKGROUND_OF_KIND[entry.kind]


def _diff_line(
    entry: DiffLine,
    before: CodeHighlighter,
    after: CodeHighlighter,
    number_width: int,
    width: int,
) -> list[Line]:
    """One line with its number and sign; each side has its own highlighter state."""
    text = clean_line(entry.text, _LONGEST_CUT_LINE)
    runs: list[Run] = []
    if entry.kind != "added":
        runs = before.line(text)
    if entry.kind != "removed":
        runs = after.line(text)
    background = _BACKGROUND_OF_KIND[entry.kind]
    number = entry.old_number if entry.kind == "removed" else entry.new_number
    return _numbered(
        _with_background(runs, background), _gutter(entry, number, number_width), width, background
    )
