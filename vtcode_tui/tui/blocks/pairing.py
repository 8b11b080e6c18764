"""The lines of a hunk in pairs, as they stand beside each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from vtcode_tui.conversation.results import DiffLine

SPLIT_WIDTH = 130
"""Cells from which on the two sides of a change stand beside each other."""

Pair = tuple[int | None, int | None]


def pairs(hunk: Sequence[DiffLine]) -> Iterator[Pair]:
    """Places in the hunk: of the old line and of the new one, the same for a line that stays."""
    removed: list[int] = []
    added: list[int] = []
    for place, line in enumerate(hunk):
        if line.kind == "removed":
            if added:
                yield from zip_longest(removed, added)
                removed, added = [], []
            removed.append(place)
        elif line.kind == "added":
            added.append(place)
        else:
            yield from zip_longest(removed, added)
            removed, added = [], []
            yield place, place
    yield from zip_longest(removed, added)
