"""Finds the secrets that a file with several names may be under another one. Never raises.

A hard link has no name of its own to judge by: an archive can bring one to a file that was there
before it. Looked at only where there is more than one name, so that it costs nothing elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.workspace.names import is_secret_name

Identity: TypeAlias = tuple[int, int]
"""The device of a file and its number there."""

_MOST_ENTRIES = 2_000


def linked_secrets(roots: Iterable[Path], stores: Iterable[Path]) -> frozenset[Identity]:
    """The files with more than one name that have the name of a secret at the top of one of
    ``roots``, or any name in ``stores``, which are files or directories of secrets."""
    return frozenset(map(identity, filter(has_other_names, _candidates(roots, stores))))


def identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def has_other_names(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


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
