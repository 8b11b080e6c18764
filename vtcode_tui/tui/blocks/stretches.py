"""Joins wrapped lines back to one text, to find words, links and matches in it. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.lines import Line, cells

_MOST_ROWS = 12
_WORD = r"\w+(?:['’-]\w+)*|[^\w\s]+"
_ADDRESS = r"(?i:https?)://[^\s<>\"`⟨⟩]+"
_TARGET = r" ?\(((?i:https?)://[^\s]+)\)"
_OPENING = {")": "(", "]": "[", "}": "{"}


class Mark(NamedTuple):
    """The characters from ``start`` to before ``end`` of the line ``row``."""

    row: int
    start: int
    end: int


class Link(NamedTuple):
    """An address, and the characters of the stretch that link to it."""

    url: str
    start: int
    end: int


class Stretch:
    """The lines from ``first`` to before ``end`` as one text, without bars and numbers, unwrapped."""

    def __init__(self, lines: Sequence[Line], first: int, end: int) -> None:
        self._first = first
        self._starts: list[int] = []
        self._decor: list[int] = []
        self._lengths: list[int] = []
        self._links: list[tuple[int, int]] = []
        parts: list[str] = []
        position = 0
        for line in lines[first:end]:
            decor = sum(len(text) for text, _ in line.runs[: line.decor])
            body = line.text[decor:]
            self._note_links(line, position)
            self._starts.append(position)
            self._decor.append(decor)
            self._lengths.append(len(body))
            parts += (body, line.joint)
            position += len(body) + len(line.joint)
        self.text = "".join(parts)

    def _note_links(self, line: Line, position: int) -> None:
        for text, key in line.runs[line.decor :]:
            if key & styles.ROLE_MASK == styles.LINK:
                if self._links and self._links[-1][1] >= position - len(line.joint):
                    self._links[-1] = (self._links[-1][0], position + len(text))
                else:
                    self._links.append((position, position + len(text)))
            position += len(text)

    def offset(self, row: int, column: int) -> int | None:
        """The offset in the text of a character in a line; None if it is not part of the text."""
        index = row - self._first
        if not 0 <= index < len(self._starts):
            return None
        inside = column - self._decor[index]
        return self._starts[index] + inside if 0 <= inside < self._lengths[index] else None

    def marks(self, start: int, end: int) -> tuple[Mark, ...]:
        """The characters of the lines that show a range of the text."""
        index = max(0, bisect_right(self._starts, start) - 1)
        found: list[Mark] = []
        while index < len(self._starts) and self._starts[index] < end:
            base = self._starts[index]
            first = max(start - base, 0)
            last = min(end - base, self._lengths[index])
            if first < last:
                decor = self._decor[index]
                found.append(Mark(self._first + index, first + decor, last + decor))
            index += 1
        return tuple(found)

    def word(self, row: int, column: int) -> tuple[Mark, ...]:
        """The word at a position; an address counts as one word."""
        at = self.offset(row, column)
        if at is None:
            return ()
        for pattern in (_ADDRESS, _WORD):
            for match in re.finditer(pattern, self.text):
                if match.start() <= at < match.end():
                    return self.marks(*match.span())
        return ()

    def links(self) -> Iterator[Link]:
        """The web addresses in the text. The text of a Markdown link leads to the address after it."""
        for match in re.finditer(_ADDRESS, self.text):
            url = _without_tail(match.group())
            yield Link(url, match.start(), match.start() + len(url))
        for start, end in self._links:
            target = re.compile(_TARGET).match(self.text, end)
            if target is not None:
                yield Link(target.group(1), start, end)

    def link(self, row: int, column: int) -> str:
        """The address at a position, or empty."""
        at = self.offset(row, column)
        if at is None:
            return ""
        found = [link for link in self.links() if link.start <= at < link.end]
        return found[-1].url if found else ""


def around(lines: Sequence[Line], row: int) -> Stretch:
    """The line joined with those that were wrapped from the same line."""
    first, end = row, min(row + 1, len(lines))
    while first > 0 and row - first < _MOST_ROWS and lines[first - 1].joint != "\n":
        first -= 1
    while end < len(lines) and end - row < _MOST_ROWS and lines[end - 1].joint != "\n":
        end += 1
    return Stretch(lines, first, end)


def character_at(line: Line, cell: int) -> int:
    """The index of the character that is drawn in a cell of a line."""
    used = 0
    for position, character in enumerate(line.text):
        used += cells(character)
        if used > cell:
            return position
    return len(line.text)


def _without_tail(url: str) -> str:
    """An address without the punctuation of the sentence around it."""
    while url:
        last = url[-1]
        opening = _OPENING.get(last)
        is_unpaired = opening is not None and url.count(last) > url.count(opening)
        if last not in ".,;:!?'*_" and not is_unpaired:
            break
        url = url[:-1]
    return url
