"""Searches the blocks of a conversation. Pure.

Matches are first counted in a block's source without blanks and Markdown characters: that is fast
and never too low. The count becomes exact when the block is rendered to show a match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vtcode_tui.transcript.blocks import Block
from vtcode_tui.transcript.plain import block_text
from vtcode_tui.tui.blocks.lines import Line
from vtcode_tui.tui.blocks.stretches import Mark, Stretch, around

_PART = 65_536
_DROPPED = dict.fromkeys(map(ord, " \t\r\n*_`~#>|\\"))

Match = tuple[Mark, ...]


class Finder:
    """One search. ``current`` is the block and the index of the match in it that the user is at."""

    def __init__(self, query: str) -> None:
        self.query = query
        words = [re.escape(word) for word in query.split()]
        self.pattern = re.compile(r"\s+".join(words), re.IGNORECASE)
        self.current: tuple[int, int] | None = None
        self.marks: Match = ()
        self.marks_width = 0
        self.is_complete = False
        self._bare = _bare(query)
        self._counts: dict[int, int] = {}

    @property
    def total(self) -> int:
        return sum(self._counts.values())

    @property
    def number(self) -> int:
        """The number of the current match among all, from 1; 0 if there is none."""
        if self.current is None:
            return 0
        block, nth = self.current
        before = sum(count for index, count in self._counts.items() if index < block)
        return before + nth + 1

    def candidates(self, start: int, step: int, length: int) -> Iterator[int]:
        """Blocks that may have a match, each once, from ``start`` in that direction; wraps around."""
        for distance in range(length):
            index = (start + step * distance) % length
            if self.may_have(index):
                yield index

    def may_have(self, index: int) -> bool:
        """Whether a block may have a match."""
        return self.count(index) > 0

    def count(self, index: int) -> int:
        """The highest possible number of matches in a block."""
        return self._counts.get(index, 0)

    def counting(self, index: int, block: Block) -> Iterator[None]:
        """Count the matches of one block, yielding after each part of it."""
        if not self._bare:
            self._counts[index] = 0
            return
        text = block_text(block)
        keep = len(self._bare) - 1
        count, rest = 0, ""
        for position in range(0, len(text), _PART):
            part = rest + _bare(text[position : position + _PART])
            count += part.count(self._bare)
            rest = part[len(part) - keep :] if keep else ""
            yield
        self._counts[index] = count

    def exactly(self, index: int, lines: Sequence[Line]) -> list[Match]:
        """All matches in the rendered lines of a block; replaces its count."""
        stretch = Stretch(lines, 0, len(lines))
        found = [stretch.marks(*match.span()) for match in self.pattern.finditer(stretch.text)]
        matches = [marks for marks in found if marks]
        self._counts[index] = len(matches)
        return matches

    def on_row(self, lines: Sequence[Line], row: int) -> list[Mark]:
        """The parts of matches in one line."""
        if not 0 <= row < len(lines):
            return []
        stretch = around(lines, row)
        return [
            mark
            for match in self.pattern.finditer(stretch.text)
            for mark in stretch.marks(*match.span())
            if mark.row == row
        ]


def _bare(text: str) -> str:
    return text.lower().translate(_DROPPED)
