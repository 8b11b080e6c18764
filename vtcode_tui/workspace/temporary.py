"""Temporary files for atomic writes, and the removal of abandoned ones.

The name contains the process id, and the file is locked while it is written: one whose process is
gone, or that nobody holds, was left by a killed write.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterable

from vtcode_tui.workspace.beneath import directory_beneath
from vtcode_tui.workspace.root import Workspace

_NAME = re.compile(r"\.vtcode-([1-9][0-9]{0,9})-[0-9a-f]{12}\.tmp")
_NEW_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


def new_temporary(directory: int, mode: int) -> tuple[str, int]:
    """Create and lock a file in the open directory; return its name and a descriptor."""
    name = f".vtcode-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    descriptor = os.open(name, _NEW_FLAGS, mode, dir_fd=directory)
    with contextlib.suppress(OSError):  # not every file system has locks
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return name, descriptor


def sweep(workspace: Workspace, directories: Iterable[tuple[str, ...]]) -> int:
    """Remove abandoned files in these directories (named from the root); return how many."""
    removed = 0
    for names in set(directories):
        with (
            contextlib.suppress(OSError),
            directory_beneath(workspace.root_fd, names) as directory,
        ):
            names_there = os.listdir(directory)  # noqa: PTH208 (an open directory has no path)
            removed += sum(_removed(directory, name) for name in names_there)
    return removed


def _removed(directory: int, name: str) -> bool:
    match = _NAME.fullmatch(name)
    if match is None or is_running(int(match.group(1))):
        return False
    return remove_unheld(name, directory=directory)


def remove_unheld(
    name: str, *, directory: int | None = None, before_s: float | None = None
) -> bool:
    """Remove a file that no process holds, if it was last written before ``before_s`` (if given);
    return whether it was. ``name`` is a path, or relative to the open ``directory``. Never
    raises OSError."""
    try:
        descriptor = os.open(name, _OPEN_FLAGS, dir_fd=directory)
    except OSError:
        return False
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return False
        if before_s is not None and status.st_mtime > before_s:
            return False
        # A process of another container can hold it under a number that is free here.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=directory)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def is_running(pid: int) -> bool:
    """Whether a process with this id may exist."""
    try:
        os.kill(pid, 0)  # asks only: nothing is sent
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
