"""Finds files that are hard links of secret files. Never raises.

A hard link's own name does not reveal that it is a secret; an archive can create one to a file that
existed before. Only files with more than one link are checked, so others cost nothing.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.workspace.names import is_secret_path

Identity: TypeAlias = tuple[int, int]
"""The device of a file and its number there."""

LinkedSecrets: TypeAlias = Callable[[Set[Identity]], frozenset[Identity]]
"""Gives those of some files that are secrets under another of their names."""

_MOST_ENTRIES = 20_000
"""Of each root, the nearest to its top first: about a tenth of a second."""

_MOST_IN_STORE = 2_000
_NOT_ENTERED = frozenset(
    {"node_modules", "site-packages", ".hg", ".svn", ".venv", "venv", "__pycache__", ".tox"}
)
"""Directories of what others wrote, or that programs make: large, and full of hard links."""

_GIT = ".git"


def linked_secrets(
    files: Set[Identity], roots: Iterable[Path], stores: Iterable[Path]
) -> frozenset[Identity]:
    """Those of ``files`` that have the name of a secret somewhere in ``roots``, as far as these
    could be searched, or any name in ``stores``, which are files or directories of secrets."""
    if not files:
        return frozenset()
    found = files & {identity(status) for status in _in_stores(stores)}
    for root in roots:
        found |= {each for each, names in _names_below(root, files) if is_secret_path(names)}
    return frozenset(found)


def no_linked_secrets(_: Set[Identity]) -> frozenset[Identity]:
    """The implementation that finds none."""
    return frozenset()


def identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def has_other_names(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink > 1


def _in_stores(stores: Iterable[Path]) -> Iterator[os.stat_result]:
    for store in stores:
        with contextlib.suppress(OSError):
            yield store.lstat()
        for _, entry in zip(range(_MOST_IN_STORE), _entries(store), strict=False):
            with contextlib.suppress(OSError):
                yield entry.stat(follow_symlinks=False)


def _names_below(root: Path, files: Set[Identity]) -> Iterator[tuple[Identity, tuple[str, ...]]]:
    """Each of ``files`` with its names from ``root``, wherever it occurs. Directory entries are
    compared by inode before anything is opened."""
    numbers = {number for _, number in files}
    waiting: deque[tuple[str, ...]] = deque([()])
    left = _MOST_ENTRIES
    while waiting and left > 0:
        above = waiting.popleft()
        for entry in _entries(root.joinpath(*above)):
            left -= 1
            if left < 0:
                return
            names = (*above, entry.name)
            with contextlib.suppress(OSError):
                if entry.inode() in numbers:
                    status = entry.stat(follow_symlinks=False)
                    if identity(status) in files:
                        yield identity(status), names
                elif _is_entered(above, entry):
                    waiting.append(names)


def _is_entered(above: tuple[str, ...], entry: os.DirEntry[str]) -> bool:
    """Whether to search a directory: of ``.git`` only the top, which has a file that may contain a
    password."""
    is_inside_git = above[-1:] == (_GIT,)
    is_wanted = not is_inside_git and entry.name not in _NOT_ENTERED
    return is_wanted and entry.is_dir(follow_symlinks=False)


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        yield from entries
