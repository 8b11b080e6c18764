"""Detects whether a command changed files that change what tools may do.

Compares digests of all of them, including missing ones, before and after. Blocking. In a very large
tree only those nearest to its top are checked.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.workspace.protected import is_protected

Snapshot: TypeAlias = Mapping[str, str]
"""The digest of each file that there is, by its absolute path."""

MAX_ENTRIES = 20_000
MAX_FILES = 2_000
_DIGESTED_BYTES = 1024 * 1024
_NOT_ENTERED = frozenset(
    {"node_modules", ".hg", ".svn", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache"}
)
_READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FileChange:
    """``what`` is ``new``, ``changed`` or ``removed``."""

    path: Path
    what: str


def take_snapshot(roots: Sequence[Path], *, max_entries: int = MAX_ENTRIES) -> Snapshot:
    """The digests of the protected files below ``roots``, and of what git runs automatically there."""
    found: dict[str, str] = {}
    for root in roots:
        for path in islice(_protected_below(root, max_entries), MAX_FILES):
            digest = _digest(path)
            if digest is not None:
                found[path] = digest
    return found


def compare(before: Snapshot, after: Snapshot) -> tuple[FileChange, ...]:
    """The files that were created, changed or removed between two snapshots of the same roots, by
    path."""
    changes: list[FileChange] = []
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            changes.append(FileChange(Path(path), "new"))
        elif path not in after:
            # A limit can leave out now what it did not then.
            if not os.path.lexists(path):
                changes.append(FileChange(Path(path), "removed"))
        elif before[path] != after[path]:
            changes.append(FileChange(Path(path), "changed"))
    return tuple(changes)


def _protected_below(root: Path, max_entries: int) -> Iterator[str]:
    """Breadth-first, so that a limit leaves out the deepest files. Follows links only from a
    protected name."""
    waiting: deque[tuple[str, str, bool]] = deque([(str(root), "", False)])
    seen = 0
    while waiting and seen < max_entries:
        directory, name, all_count = waiting.popleft()
        for entry in _entries(directory):
            seen += 1
            if entry.name == ".git":
                waiting.append((f"{entry.path}/hooks", "hooks", True))
                yield from (entry.path, f"{entry.path}/config", f"{entry.path}/info/attributes")
            elif entry.is_dir(follow_symlinks=False):
                counts = all_count or is_protected((name, entry.name, "any"))
                if counts or entry.name not in _NOT_ENTERED:
                    waiting.append((entry.path, entry.name, counts))
            elif all_count or is_protected((name, entry.name)):
                yield entry.path
                if entry.is_symlink() and not all_count:
                    waiting.append((entry.path, entry.name, True))


def _entries(directory: str) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        return sorted(entries, key=lambda entry: entry.name)
    return []


def _digest(path: str) -> str | None:
    """The digest of a file, or of a link and its target; None if there is none."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        link = ""
        if stat.S_ISLNK(status.st_mode):
            link = f"{os.readlink(path)} "  # noqa: PTH115
            with contextlib.suppress(OSError):
                status = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode) and not link:
            return None
        content = _content_digest(path) if stat.S_ISREG(status.st_mode) else ""
        return f"{link}{stat.filemode(status.st_mode)} {content}"
    return None


def _content_digest(path: str) -> str:
    descriptor = os.open(path, _READ_FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        digest = hashlib.sha256(file.read(_DIGESTED_BYTES)).hexdigest()
        status = os.fstat(descriptor)
    rest = f" {status.st_size} {status.st_mtime_ns}" if status.st_size > _DIGESTED_BYTES else ""
    return digest + rest
