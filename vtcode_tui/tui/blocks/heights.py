"""Maps lines to blocks: prefix sums over block heights, and bisection. Pure."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate


class HeightIndex:
    """Heights of blocks in lines. Changing the last one takes constant time."""

    __slots__ = ("_heights", "_tops", "_valid")

    def __init__(self) -> None:
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        self._valid = 0

    def __len__(self) -> int:
        return len(self._heights)

    def clear(self) -> None:
        self._heights.clear()
        self._tops[:] = [0]
        self._valid = 0

    def append(self, height: int) -> None:
        self._heights.append(height)
        self._tops.append(0)

    def set(self, index: int, height: int) -> bool:
        """Set a height; return whether it changed."""
        if self._heights[index] == height:
            return False
        self._heights[index] = height
        self._valid = min(self._valid, index)
        return True

    @property
    def total(self) -> int:
        return self.top(len(self._heights))

    def top(self, index: int) -> int:
        """The first line of block ``index``."""
        if index > self._valid:
            start = self._valid
            sums = accumulate(self._heights[start:], initial=self._tops[start])
            self._tops[start:] = sums
            self._valid = len(self._heights)
        return self._tops[index]

    def at(self, line: int) -> tuple[int, int]:
        """The block that contains ``line``, and the line's index in it. Clamped to the ends."""
        if not self._heights:
            return 0, 0
        self.top(len(self._heights))
        index = bisect_right(self._tops, line, 0, len(self._heights)) - 1
        index = max(0, index)
        return index, max(0, line - self._tops[index])
