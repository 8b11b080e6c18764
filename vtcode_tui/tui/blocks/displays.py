"""What a tool's result shows when it is opened: text, a file, a diff, a command. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import assert_never

from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    Display,
    FileDiff,
    FileDisplay,
    TextDisplay,
)
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.code import CodeHighlighter
from vtcode_tui.tui.blocks.lines import Line, Run, Side, cells, cropped, hard_wrap, wrap
from vtcode_tui.tui.blocks.pairing import SPLIT_WIDTH, pairs
from vtcode_tui.tui.blocks.wording import counted

BAR: Run = ("│ ", styles.FAINT)
_PARTING: Run = (" │ ", styles.FAINT)
_MOST_LINES = 400
_LONGEST_LINE = 2_000
_LONGEST_TAIL_LINE = 500
_LONGEST_TEXT = 200_000
_LONGEST_COMMAND = 8_000
_SIGNS = {"context": " ", "added": "+", "removed": "-"}
_GROUND_OF_KIND = {
    "context": styles.CODE_GROUND,
    "added": styles.ADDED_GROUND,
    "removed": styles.REMOVED_GROUND,
}
_SIGN_ROLE = {"context": styles.FAINT, "added": styles.SUCCESS, "removed": styles.ERROR}


def display_lines(display: Display, width: int) -> list[Line]:
    """The whole of a display, cut in its middle with a note when it is very long."""
    match display:
        case TextDisplay(text=text):
            return text_lines(text, width)
        case FileDisplay():
            return _file_lines(display, width)
        case DiffDisplay(diff=diff):
            return _diff_lines(diff, width)
        case CommandDisplay(command=command, output=output):
            return _command_lines(command, output, width)
        case _:
            assert_never(display)


def text_lines(
    text: str, width: int, *, most_lines: int = _MOST_LINES, longest_line: int = _LONGEST_LINE
) -> list[Line]:
    """Plain text behind a bar; the middle of too many lines is left out, and said to be."""
    lines = clean_text(bounded(text)).rstrip("\n").split("\n")
    shown, omitted = _shortened(lines, most_lines)
    result: list[Line] = []
    for position, line in enumerate(shown):
        if omitted and position == len(shown) // 2:
            result.append(_omission(omitted))
        cut = f"… {counted(len(line) - longest_line, 'character')} not shown"
        line = line if len(line) <= longest_line else line[:longest_line] + cut
        result += _barred(wrap([(line, styles.MUTED)], width - 2))
    return result


def bounded(text: str, longest: int = _LONGEST_TEXT) -> str:
    """``text``, or its two ends when it is so long that nobody reads it on a screen."""
    if len(text) <= longest:
        return text
    end = longest // 2
    return f"{text[:end]}\n⋯ {len(text) - 2 * end:,} characters not shown\n{text[-end:]}"


def tail_lines(text: str, width: int, count: int) -> list[Line]:
    """The last ``count`` lines of an output that still grows, each cut to one line."""
    recent = text[-count * _LONGEST_TAIL_LINE :]
    lines = clean_text(recent).rstrip("\n").split("\n")[-count:]
    return [Line((BAR, (cropped(line, width - 2), styles.MUTED)), decor=1) for line in lines]


def _barred(lines: Sequence[Line]) -> list[Line]:
    return [Line((BAR, *line.runs), decor=1, joint=line.joint) for line in lines]


def _shortened(lines: list[str], most_lines: int) -> tuple[list[str], int]:
    omitted = len(lines) - most_lines
    if omitted <= 0:
        return lines, 0
    half = most_lines // 2
    return lines[:half] + lines[-half:], omitted


def _omission(count: int) -> Line:
    note = f"⋯ {counted(count, 'line')} not shown: the editor shows them all"
    return Line((BAR, (note, styles.MUTED | styles.ITALIC)), decor=1)


def _command_lines(command: str, output: str, width: int) -> list[Line]:
    shown = clean_text(bounded(command, _LONGEST_COMMAND)).strip("\n")
    runs = [("$ ", styles.ACCENT | styles.BOLD), (shown, styles.TEXT)]
    lines = _barred(wrap(runs, width - 2)) if shown else []
    if output.strip():
        lines += text_lines(output, width)
    return lines


def _file_lines(display: FileDisplay, width: int) -> list[Line]:
    highlighter = CodeHighlighter(display.path)
    source = clean_text(bounded(display.text)).rstrip("\n").split("\n")
    number_width = len(str(display.first_line + len(source) - 1))
    shown = source[:_MOST_LINES]
    lines: list[Line] = []
    for offset, text in enumerate(shown):
        gutter = (f"{display.first_line + offset:>{number_width}} ", _MUTED_CODE)
        lines += _numbered(highlighter.line(text), gutter, width, styles.CODE_GROUND)
    if len(source) > len(shown):
        lines.append(_omission(len(source) - len(shown)))
    return lines


_MUTED_CODE = styles.MUTED | styles.CODE_GROUND


def _numbered(code: Sequence[Run], gutter: Run, width: int, ground: int) -> list[Line]:
    """Code beside a line number, which is drawn but not copied."""
    # A line that was broken goes on behind a sign, as a line of its own has a number.
    broken = ("┆".rjust(len(gutter[0]) - 1) + " ", styles.MUTED | ground)
    return [
        Line((broken if index else gutter, *line.runs), ground, 1, line.joint)
        for index, line in enumerate(hard_wrap(code, width - len(gutter[0])))
    ]


def _diff_lines(diff: FileDiff, width: int) -> list[Line]:
    highest = max(
        (line.new_number or line.old_number or 0 for hunk in diff.hunks for line in hunk),
        default=0,
    )
    number_width = len(str(highest))
    is_split = width >= SPLIT_WIDTH and not diff.is_new_file
    lines: list[Line] = []
    for number, hunk in enumerate(diff.hunks):
        if len(lines) > 2 * _MOST_LINES:
            lines.append(_omission(sum(len(each) for each in diff.hunks[number:])))
            break
        if lines:
            lines.append(Line(((" " * number_width + " ⋯", styles.MUTED),), decor=1))
        draw = _split_hunk if is_split else _unified_hunk
        lines += draw(diff.path, hunk, number_width, width)
    return lines


def _unified_hunk(
    path: str, hunk: Sequence[DiffLine], number_width: int, width: int
) -> Iterator[Line]:
    before, after = CodeHighlighter(path), CodeHighlighter(path)
    for entry in hunk:
        yield from _diff_line(entry, before, after, number_width, width)


def _split_hunk(
    path: str, hunk: Sequence[DiffLine], number_width: int, width: int
) -> Iterator[Line]:
    """The old side beside the new one, each with its own state of colours."""
    half = (width - len(_PARTING[0])) // 2
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
            yield _beside(left, right)


def _beside(left: Line, right: Line) -> Line:
    """One line of two; each knows what of it is copied."""
    runs = (*left.runs, _PARTING, *right.runs)
    shift = len(left.text)
    there = [
        each._replace(
            start=shift,
            code=each.code + shift + len(_PARTING[0]),
            end=each.end + shift + len(_PARTING[0]),
        )
        for each in right.sides
    ]
    return Line(runs, sides=(*left.sides, *there))


def _half_lines(
    entry: DiffLine, highlighter: CodeHighlighter, number_width: int, half: int, *, is_old: bool
) -> list[Line]:
    """One side of a line, filled up to ``half`` cells."""
    ground = _GROUND_OF_KIND[entry.kind]
    runs = highlighter.line(clean_line(entry.text, _LONGEST_LINE))
    number = entry.old_number if is_old else entry.new_number
    filled: list[Line] = []
    for line in _numbered(
        _on_ground(runs, ground), _gutter(entry, number, number_width), half, ground
    ):
        rest = half - cells(line.text)
        whole = (*line.runs, (" " * rest, ground)) if rest > 0 else line.runs
        side = Side(0, len(line.runs[0][0]), len(line.text), line.joint)
        filled.append(Line(whole, sides=(side,)))
    return filled


def _on_ground(runs: Sequence[Run], ground: int) -> list[Run]:
    return [(run, key & ~styles.GROUND_MASK | ground) for run, key in runs]


def _gutter(entry: DiffLine, number: int | None, number_width: int) -> Run:
    role = _SIGN_ROLE[entry.kind] if entry.kind != "context" else styles.MUTED
    text = f"{number or '':>{number_width}} {_SIGNS[entry.kind]} "
    return text, role | _GROUND_OF_KIND[entry.kind]


def _diff_line(
    entry: DiffLine,
    before: CodeHighlighter,
    after: CodeHighlighter,
    number_width: int,
    width: int,
) -> list[Line]:
    """One line with its number and sign; both sides keep their own state of colours."""
    text = clean_line(entry.text, _LONGEST_LINE)
    runs: list[Run] = []
    if entry.kind != "added":
        runs = before.line(text)
    if entry.kind != "removed":
        runs = after.line(text)
    ground = _GROUND_OF_KIND[entry.kind]
    number = entry.old_number if entry.kind == "removed" else entry.new_number
    return _numbered(_on_ground(runs, ground), _gutter(entry, number, number_width), width, ground)
