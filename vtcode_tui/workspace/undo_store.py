"""Stores old contents of files by SHA-256, and the journal of changes.

It is one private directory in the user's state, never in the project: directories 0700, files 0600
regardless of the umask. A journal is append-only with one JSON object per line; a line truncated by
a crash is skipped. Blocking; each method takes the directory's lock or must be called with it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

Record: TypeAlias = Mapping[str, object]
_BLOB_NAME_LENGTH = 64


class UndoStore:
    """``directory`` is created when something is first kept. Every method raises OSError."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._blobs = directory / "contents"
        self._journal = directory / "journal.jsonl"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the directory against other threads and other runs of the program."""
        make_private_directory(self._blobs)
        _refuse_shared(self._directory)
        with _private_file(self._directory / "lock", os.O_RDWR) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def records(self) -> list[Record]:
        """The journal from its beginning, without damaged records."""
        try:
            lines = self._journal.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        found: list[Record] = []
        for line in lines:
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                if isinstance(record, dict):
                    found.append(record)
        return found

    def append(self, records: Iterable[Record]) -> None:
        lines = b"".join(_line(record) for record in records)
        if not lines:
            return
        with _private_file(self._journal, os.O_RDWR | os.O_APPEND) as journal:
            size = os.fstat(journal).st_size
            if size and os.pread(journal, 1, size - 1) != b"\n":
                lines = b"\n" + lines
            _write_all(journal, lines)
            os.fsync(journal)

    def replace_journal(self, records: Iterable[Record]) -> None:
        self._write_new(self._journal, b"".join(_line(record) for record in records))

    def keep(self, content: bytes) -> str:
        """Store ``content``; return its digest."""
        name = hashlib.sha256(content).hexdigest()
        path = self._blobs / name
        if not path.exists():
            self._write_new(path, content)
        return name

    def content(self, name: str) -> bytes | None:
        """The content with this digest, or None if it is gone or damaged."""
        try:
            content = (self._blobs / name).read_bytes()
        except FileNotFoundError:
            return None
        return content if hashlib.sha256(content).hexdigest() == name else None

    def sizes(self) -> dict[str, int]:
        """The size in bytes of each stored content."""
        with os.scandir(self._blobs) as entries:
            return {
                entry.name: entry.stat().st_size
                for entry in entries
                if len(entry.name) == _BLOB_NAME_LENGTH
            }

    def keep_only(self, names: set[str]) -> None:
        """Remove all other contents, and partial files left by a crash."""
        for path in self._blobs.iterdir():
            if path.name not in names:
                path.unlink()

    def _write_new(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(f"{secrets.token_hex(8)}.tmp")
        try:
            with _private_file(temporary, os.O_WRONLY | os.O_EXCL) as file:
                _write_all(file, content)
                os.fsync(file)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def make_private_directory(path: Path) -> None:
    """Create the directory and its missing parents, private to this user."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for directory in reversed(missing):
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700)


def _refuse_shared(directory: Path) -> None:
    """Raise OSError if others can write the directory: its contents would not be trustworthy."""
    status = directory.lstat()
    is_mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    if not is_mine or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EPERM, f"other users can write to {directory}")


@contextlib.contextmanager
def _private_file(path: Path, flags: int) -> Iterator[int]:
    flags |= os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        yield descriptor
    finally:
        os.close(descriptor)


def _line(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
