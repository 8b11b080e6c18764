"""Shortens a list of paths to a tree that fits. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vtcode_tui.conversation.wording import counted


def summed_up(paths: Sequence[str], limit: int) -> list[str]:
    """The paths, or if there are more than ``limit``, the tree to the depth that fits.

    A summarised directory is one line with its number of files. If even the first level does not
    fit, only its beginning is returned.
    """
    if len(paths) <= limit:
        return list(paths)
    best = _down_to(paths, 1)
    for depth in range(2, max(path.count("/") for path in paths) + 2):
        deeper = _down_to(paths, depth)
        if len(deeper) > limit:
            break
        best = deeper
    return best[:limit]


def _down_to(paths: Sequence[str], depth: int) -> list[str]:
    counts: Counter[str] = Counter()
    for path in paths:
        names = path.split("/", depth)
        counts["/".join(names[:depth]) + "/" if len(names) > depth else path] += 1
    return [
        f"{entry} ({counted(count, 'file')})" if entry.endswith("/") else entry
        for entry, count in counts.items()
    ]
