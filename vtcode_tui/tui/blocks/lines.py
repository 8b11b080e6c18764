"""Lines of styled text, wrapped to a width in cells. Pure; their text is already cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len

from vtcode_tui.tui.rendering.columns import hanging_indent

Run: TypeAlias = tuple[str, int]
"""Text without line feeds, and its style key."""

_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff"
    "\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
)
_CLOSING = "、。，．！？：；）」』】〉》”’"


class Side(NamedTuple):
    """The characters from ``start`` to before ``end`` are one side of a line in split view.

    Copied text begins at ``code``. ``joint`` is like that of a line; None if this side is blank
    because only the other one has a line.
    """

    start: int
    code: int
    end: int
    joint: str | None


class Line(NamedTuple):
    """One line on the screen.

    ``fill`` is the style key of the blank cells after the text. The first ``decor`` runs are drawn
    but not copied. ``joint`` is the text between this line and the next when copied: a line feed,
    or what wrapping removed. ``sides`` are the halves of a line in split view.
    """

    runs: tuple[Run, ...]
    fill: int = 0
    decor: int = 0
    joint: str = "\n"
    sides: tuple[Side, ...] = ()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


BLANK = Line(())


class Cut(NamedTuple):
    """A part of a wrapped text, and the text between it and the next one."""

    start: int
    end: int
    joint: str


_PICTOGRAPH_SELECTOR = "\ufe0f"


def cells(text: str) -> int:
    """The width of ``text`` in cells."""
    return len(text) if text.isascii() else cell_len(text)


def wrap(runs: Sequence[Run], width: int) -> list[Line]:
    """Wrap ``runs`` at words to ``width`` cells; line feeds in them end a line.

    Words wider than a line are broken. Returns at least one line.
    """
    width = max(1, width)
    text = "".join([text for text, _ in runs])
    if len(text) <= width and "\n" not in text and cells(text) <= width:
        return [Line(tuple(runs))]
    cuts = cuts_of(text, width)
    if len(runs) == 1:
        key = runs[0][1]
        return [Line(((text[start:end], key),), joint=joint) for start, end, joint in cuts]
    return _slice_runs(runs, cuts)


def cuts_of(text: str, width: int) -> list[Cut]:
    """Where to cut ``text`` so that each part fits ``width`` cells."""
    cuts: list[Cut] = []
    start = 0
    for part in text.split("\n"):
        found = _ascii_cuts(part, width) if part.isascii() else _wide_cuts(part, width)
        cuts += [Cut(start + first, start + last, joint) for first, last, joint in found]
        start += len(part) + 1
    return cuts


def _ascii_cuts(text: str, width: int) -> list[Cut]:
    cuts: list[Cut] = []
    start, length = 0, len(text)
    while length - start > width:
        space = text.rfind(" ", start, start + width + 1)
        if space > start and not text[start:space].isspace():
            end = space
            while text[end - 1] == " ":
                end -= 1
            after = space + 1
            while after < length and text[after] == " ":
                after += 1
        else:
            end = after = start + width
        cuts.append(Cut(start, end, text[end:after]))
        start = after
    cuts.append(Cut(start, length, "\n"))
    return cuts


def _wide_cuts(text: str, width: int) -> list[Cut]:
    """Like ``_ascii_cuts`` for any text; East Asian text may be broken between any two characters."""
    cuts: list[Cut] = []
    start = end = used = 0
    for number, (first, last, size) in enumerate(_words(text, width)):
        if number == 0:
            used = min(first, max(0, width - size))
            start = end = first - used
        blanks = first - end if number else 0
        if number and used + blanks + size > width:
            cuts.append(Cut(start, end, text[end:first]))
            start, used, blanks = first, 0, 0
        used += blanks + size
        end = last
    cuts.append(Cut(start, end, "\n"))
    return cuts


@lru_cache(maxsize=1)
def _word_pattern() -> re.Pattern[str]:
    return re.compile(rf"[ ]+|[{_WIDE}][{_CLOSING}]*|[^ {_WIDE}]+")


def _words(text: str, width: int) -> Iterable[tuple[int, int, int]]:
    """The words of ``text`` as start, end and cells; words wider than ``width`` in parts."""
    for match in _word_pattern().finditer(text):
        word = match.group()
        if word[0] == " ":
            continue
        size = cells(word)
        if size <= width:
            yield match.start(), match.end(), size
        else:
            yield from _split_word(word, match.start(), width)


def longest_word(text: str, most: int) -> int:
    """The width in cells of the longest word, or of the longest part of one wider than ``most``."""
    if text.isascii():
        return min(most, max(map(len, text.split()), default=0))
    return max((size for _, _, size in _words(text, most)), default=0)


def _split_word(word: str, offset: int, width: int) -> Iterable[tuple[int, int, int]]:
    """A word in parts that fit ``width``, as start, end and cells."""
    start, used = 0, 0
    for position in range(len(word)):
        character_cells = _cells_at(word, position)
        if used + character_cells > width and position > start:
            yield offset + start, offset + position, used
            start, used = position, 0
        used += character_cells
    yield offset + start, offset + len(word), used


def _cells_at(text: str, position: int) -> int:
    """The width of a character in cells; two if a variation selector makes it a pictograph."""
    if text[position + 1 : position + 2] == _PICTOGRAPH_SELECTOR:
        return 2
    return cell_len(text[position])


def _slice_runs(runs: Sequence[Run], cuts: Sequence[Cut]) -> list[Line]:
    lines: list[Line] = []
    index, base = 0, 0
    for start, end, joint in cuts:
        while index < len(runs) - 1 and base + len(runs[index][0]) <= start:
            base += len(runs[index][0])
            index += 1
        inside: list[Run] = []
        position, run_start = index, base
        while position < len(runs) and run_start < end:
            text, key = runs[position]
            part = text[max(0, start - run_start) : end - run_start]
            if part:
                inside.append((part, key))
            run_start += len(text)
            position += 1
        lines.append(Line(tuple(inside), joint=joint))
    return lines


def hard_wrap(runs: Sequence[Run], width: int) -> list[Line]:
    """Wrap ``runs`` at exactly ``width`` cells, for code: no blank is lost."""
    width = max(1, width)
    text = "".join([text for text, _ in runs])
    if len(text) <= width and text.isascii():
        return [Line(tuple(runs))]
    stretches = list(_split_word(text, 0, width)) if text else [(0, 0, 0)]
    cuts = [Cut(start, end, "") for start, end, _ in stretches]
    cuts[-1] = cuts[-1]._replace(joint="\n")
    return _slice_runs(runs, cuts)


def hanging(text: str, key: int, width: int) -> list[Line]:
    """Wrap ``text`` so that lines continue below their last column; two blanks separate columns."""
    lines: list[Line] = []
    for part in text.split("\n"):
        head, hang = hanging_indent(part, width)
        first, *rest = wrap([(part[head:], key)], width - hang)
        lines.append(first._replace(runs=((part[:head], key), *first.runs)) if head else first)
        lines += [
            Line(((" " * hang, key), *each.runs), decor=1, joint=each.joint) if hang else each
            for each in rest
        ]
    return lines


def prefixed(lines: Sequence[Line], first: Sequence[Run], rest: Sequence[Run]) -> list[Line]:
    """Put ``first`` before the first line and ``rest`` before the others."""
    head, tail = tuple(first), tuple(rest)
    return [
        Line((tail if index else head) + line.runs, line.fill, line.decor, line.joint)
        for index, line in enumerate(lines)
    ]


def cropped(text: str, width: int) -> str:
    """``text`` cropped to ``width`` cells, ending in ``…`` if cut; empty if there is no room."""
    if width < 1:
        return ""
    if cells(text) <= width:
        return text
    used = 0
    for position in range(len(text)):
        used += _cells_at(text, position)
        if used >= width:
            return text[:position] + "…"
    return text
