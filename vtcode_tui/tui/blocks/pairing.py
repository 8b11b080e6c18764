"""Pairs the lines of a hunk for the split view. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from vtcode_tui.conversation.results import DiffLine

SPLIT_WIDTH = 130
"""The least width in cells for a split view."""

Pair = tuple[int | None, int | None]


def pairs(hunk: Sequence[DiffLine]) -> Iterator[Pair]:
    """Pairs of indexes into the hunk, old line and new line; both are equal for an unchanged line."""
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
