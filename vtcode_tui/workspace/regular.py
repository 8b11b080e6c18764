"""Regular files in an open directory: recognising them, checking writes, and their bytes."""

from __future__ import annotations

import hashlib
import os
import stat

from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError

ABSENT = "absent"
MAX_FILE_BYTES = 16 * 1024 * 1024
READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK_BYTES = 1024 * 1024
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link that was put there just now",
}


def digest(content: bytes | None) -> str:
    """SHA-256 in hex, or ``absent`` for a file that does not exist (None)."""
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


def status_of(directory: int, name: str) -> os.stat_result | None:
    """The status of the entry itself, not of a link's target; None if there is none."""
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def refuse_special(name: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
    if stat.S_ISLNK(status.st_mode):
        raise OutsideWorkspace(f'"{name}" is {kind}.')
    raise WorkspaceError(f'"{name}" is {kind}, not a regular file.')


def refuse_unwritable(name: str, status: os.stat_result) -> None:
    refuse_special(name, status)
    if status.st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise WorkspaceError(f'"{name}" is a setuid or setgid file; it is never written.')
    if not status.st_mode & 0o222:
        raise WorkspaceError(f'"{name}" is read-only.', advice=f'chmod u+w "{name}"')


def read_up_to(descriptor: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    remaining = limit
    while remaining > 0:
        chunk = os.read(descriptor, min(_CHUNK_BYTES, remaining))
        if not chunk:
            break
        chunks.append(chunk)
        remaining -= len(chunk)
    return b"".join(chunks)


def digest_of(directory: int, name: str) -> str:
    """The file's digest, or ABSENT. Raises FileChanged if it is not a regular file."""
    current = status_of(directory, name)
    if current is None:
        return ABSENT
    if not stat.S_ISREG(current.st_mode):
        raise changed(name)
    descriptor = os.open(name, READ_FLAGS, dir_fd=directory)
    try:
        return digest(read_up_to(descriptor, MAX_FILE_BYTES + 1))
    finally:
        os.close(descriptor)


def changed(name: str) -> FileChanged:
    return FileChanged(
        f'"{name}" changed since it was shown; nothing was written.',
        advice="Look at the new difference and decide again.",
    )
