"""The name of what is checked out, read from ``.git/HEAD``. git is never run: its settings in an
untrusted folder can start programs. Never raises; a few small blocking reads."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_LIMIT = 1024
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_REF = re.compile(r"ref: refs/heads/([^\x00-\x20\x7f~^:?*\[\\]{1,200})\s*")
_COMMIT = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\s*")
_ELSEWHERE = re.compile(r"gitdir: ([^\x00\n]{1,1000})\s*")
_SHORT = 8


def checked_out(directory: Path) -> str:
    """The branch of the repository that contains ``directory`` (absolute), the abbreviated commit
    if none is checked out, or empty."""
    for place in (directory, *directory.parents):
        entry = place / ".git"
        try:
            mode = entry.stat().st_mode
        except OSError:
            continue
        return _named(entry if stat.S_ISDIR(mode) else _elsewhere(entry))
    return ""


def _elsewhere(file: Path) -> Path:
    """The git directory that a linked work tree's ``.git`` file names."""
    found = _ELSEWHERE.fullmatch(_beginning(file))
    return file.parent / found[1].strip() if found else file


def _named(directory: Path) -> str:
    head = _beginning(directory / "HEAD")
    branch = _REF.fullmatch(head)
    if branch is not None:
        return branch[1]
    commit = _COMMIT.fullmatch(head)
    return commit[1][:_SHORT] if commit is not None else ""


def _beginning(file: Path) -> str:
    """The first bytes of a regular file as text; empty for anything else, such as a FIFO."""
    try:
        descriptor = os.open(file, _FLAGS)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return os.read(descriptor, _LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
