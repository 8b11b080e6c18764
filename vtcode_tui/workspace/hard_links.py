"""Finds out whether a file with several names is known as a secret under another one. Never raises.

A hard link has no name of its own to judge by: an archive can bring one to a file that was there
before it. Looked at only where there is more than one name, so that it costs nothing elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from vtcode_tui.workspace.names import is_secret_name

_MOST_ENTRIES = 2_000


def has_secret_name(status: os.stat_result, roots: Iterable[Path], stores: Iterable[Path]) -> bool:
    """Whether the file of ``status`` has the name of a secret at the top of one of ``roots``, or any
    name in ``stores``, which are files or directories of secrets."""
    if not stat.S_ISREG(status.st_mode) or status.st_nlink < 2:
        return False
    wanted = (status.st_dev, status.st_ino)
    return any(
        (found.st_dev, found.st_ino) == wanted
        for found in _candidates(roots, stores)
        if found.st_nlink > 1
    )


def _candidates(roots: Iterable[Path], stores: Iterable[Path]) -> Iterator[os.stat_result]:
    for root in roots:
        yield from (status for name, status in _entries(root) if is_secret_name(name))
    for store in stores:
        with contextlib.suppress(OSError):
            yield store.lstat()
        yield from (status for _, status in _entries(store))


def _entries(directory: Path) -> Iterator[tuple[str, os.stat_result]]:
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False):
            with contextlib.suppress(OSError):
                yield entry.name, entry.stat(follow_symlinks=False)
