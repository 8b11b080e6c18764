"""Directories and files that are private to the user, regardless of the umask."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def private_directory(state_dir: Path, name: str) -> Path:
    """``state_dir/name``, both created with mode 0700 if missing.

    Raises OSError, also if another user owns one of them or may write there.
    """
    state_dir.parent.mkdir(parents=True, exist_ok=True)
    for directory in (state_dir, state_dir / name):
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            # The umask may have taken the owner's own rights.
            directory.chmod(0o700)
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a directory", str(directory))
        if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_BY_OTHERS:
            raise PermissionError(errno.EPERM, "others may write there", str(directory))
    return state_dir / name


def write_private(state_dir: Path, directory: str, name: str, text: str) -> Path:
    """Write the file ``state_dir/directory/name`` with mode 0600. Raises OSError."""
    path = private_directory(state_dir, directory) / name
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    return path
