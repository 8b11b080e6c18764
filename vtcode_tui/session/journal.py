"""The append-only file of one session: private, locked while open, one write per record.

Appending never raises. What cannot be written is kept in memory, in order, and retried by
``retry``; ``fault`` says why until then.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shlex
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.errors import SessionError
from vtcode_tui.session.records import Scan, scan, seal

TORN_SUFFIX = ".torn"

_CREATE = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded session file. ``descriptor`` is open and locked, or read-only if another process has
    the session open. The caller owns it."""

    path: Path
    scan: Scan
    descriptor: int
    is_locked: bool


def load(path: Path, *, to_write: bool = True) -> Loaded:
    """Read a session's file, and with ``to_write`` try to lock it. Blocks.

    Raises SessionError if it cannot be read, or if other users could have written it.
    """
    try:
        descriptor = _open_existing(path)
    except OSError as error:
        raise _unreadable(path, error) from None
    try:
        check_private(os.fstat(descriptor), path)
        is_locked = to_write and _is_writable(descriptor) and _lock(descriptor)
        return Loaded(path, scan(_whole(descriptor)), descriptor, is_locked)
    except OSError as error:
        os.close(descriptor)
        raise _unreadable(path, error) from None
    except BaseException:
        os.close(descriptor)
        raise


def check_private(status: os.stat_result, path: Path) -> None:
    """Raise SessionError if another user could have made what is at ``path``."""
    if status.st_uid != os.geteuid():
        raise SessionError(
            f"{path} cannot be relied on.",
            why="It belongs to another user.",
            advice=f"See whose it is: ls -ld {shlex.quote(str(path))}",
        )
    if status.st_mode & _WRITABLE_BY_OTHERS:
        raise SessionError(
            f"{path} cannot be relied on.",
            why="Other users may write to it.",
            advice=f"chmod go-w {path}",
        )


def make_private_directory(path: Path) -> None:
    """Create ``path`` with mode 0700 regardless of the umask. Raises OSError and SessionError."""
    if not path.parent.exists():
        make_private_directory(path.parent)
    try:
        path.mkdir(mode=0o700)
        path.chmod(0o700)
    except FileExistsError:
        check_private(path.stat(), path)


class Journal:
    """Appends records to a session's file, which is created with the first record.

    ``now`` gives seconds since the epoch; ``on_fault`` is called with each change of ``fault``,
    which is empty while everything is saved. Values returned by ``secrets`` are never written. With
    ``after`` the file begins as a copy of that one, which is closed with the journal. Use it from
    one thread, except ``sync``.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], float],
        on_fault: Callable[[str], None],
        secrets: Callable[[], Iterable[str]] = tuple,
        after: Loaded | None = None,
    ) -> None:
        self.path = path
        self.fault = ""
        self._now = now
        self._on_fault = on_fault
        self.secrets = secrets
        self._after = after
        self._seq = after.scan.next_seq if after is not None else 0
        self._descriptor: int | None = None
        self._size = 0
        self._backlog: list[bytes] = []
        self._has_unsynced = False
        self._is_new = False
        self._is_torn = False
        self._sync_lock = threading.Lock()

    @classmethod
    def reopened(
        cls,
        loaded: Loaded,
        *,
        now: Callable[[], float],
        on_fault: Callable[[str], None],
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> Journal:
        """A journal that continues the loaded and locked file."""
        journal = cls(loaded.path, now=now, on_fault=on_fault, secrets=secrets)
        journal._seq = loaded.scan.next_seq
        journal._descriptor = loaded.descriptor
        journal._size = loaded.scan.whole_bytes
        journal._is_torn = loaded.scan.is_torn
        return journal

    @property
    def exists(self) -> bool:
        """Whether the file was created."""
        return self._descriptor is not None

    def append(self, type_: str, fields: Mapping[str, JsonValue]) -> None:
        """Write one record."""
        line = seal(self._seq, self._now(), type_, fields, self.secrets())
        self._seq += 1
        if self.fault:
            self._backlog.append(line)
        else:
            self._write(line)

    def retry(self) -> None:
        """Retry what could not be saved, and notice if the file was deleted."""
        if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
            self._set_fault("its file was deleted")
            return
        if not self.fault:
            return
        waiting, self._backlog = self._backlog, []
        if self._write(b"".join(waiting)):
            self._set_fault("")

    @property
    def has_unsynced(self) -> bool:
        """Whether records were appended since the last ``sync``."""
        return self._has_unsynced

    def sync(self) -> str:
        """Wait until everything appended is on the disk; return why it is not, or empty.

        Blocks; callable from any thread. Pass the result to ``report`` in the journal's own thread.
        """
        with self._sync_lock:
            descriptor = self._descriptor
            if descriptor is None or not self._has_unsynced:
                return ""
            self._has_unsynced = False
            try:
                _sync_to_disk(descriptor)
                if self._is_new:
                    self._is_new = False
                    # Those above may be as new: of the workspace, of all sessions, of the program.
                    for directory in self.path.parents[:3]:
                        _sync_directory(directory)
            except OSError as error:
                self._has_unsynced = True
                return _words(error)
        return ""

    def report(self, fault: str) -> None:
        """Set the fault that ``sync`` returned, if any."""
        if fault:
            self._set_fault(fault)

    def close(self) -> None:
        """Release the file and its lock, after a last retry."""
        if self._backlog:
            self.retry()
        with self._sync_lock:
            for descriptor in (self._descriptor, self._after.descriptor if self._after else None):
                if descriptor is not None:
                    os.close(descriptor)
            self._descriptor = self._after = None

    def _write(self, line: bytes) -> bool:
        """Write all of it or nothing; return whether it was written."""
        try:
            descriptor = self._opened()
            rest = line
            while rest:
                # What the first write left over tells by the second's error why.
                rest = rest[os.write(descriptor, rest) :]
        except (OSError, SessionError) as error:
            self._cut_back()
            self._backlog.insert(0, line)
            self._set_fault(_words(error))
            return False
        self._size += len(line)
        self._has_unsynced = True
        return True

    def _opened(self) -> int:
        """The file, created or repaired first. Raises OSError and SessionError."""
        if self._descriptor is None:
            self._descriptor = self._created()
            self._is_new = True
        if self._is_torn:
            self._set_torn_aside(self._descriptor)
            self._is_torn = False
        return self._descriptor

    def _created(self) -> int:
        make_private_directory(self.path.parent)
        descriptor = os.open(self.path, _CREATE, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            _lock(descriptor)
            self._size = self._copy_into(descriptor)
        except BaseException:
            os.close(descriptor)
            with suppress(OSError):
                self.path.unlink()
            raise
        return descriptor

    def _copy_into(self, descriptor: int) -> int:
        """Copy the previous session's lines to the new file; return the number of bytes."""
        if self._after is None:
            return 0
        source, end, at = self._after.descriptor, self._after.scan.whole_bytes, 0
        while at < end:
            part = os.pread(source, min(_COPY_BYTES, end - at), at)
            if not part:
                break
            at += len(part)
            while part:
                part = part[os.write(descriptor, part) :]
        return at

    def _set_torn_aside(self, descriptor: int) -> None:
        """Move an incomplete last line to a file beside this one.

        A complete record that only lacks its line feed stays and gets it.
        """
        tail = os.pread(descriptor, os.fstat(descriptor).st_size - self._size, self._size)
        if scan(tail).records:
            os.write(descriptor, b"\n")
            self._size += len(tail) + 1
            return
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        aside = os.open(f"{self.path}{TORN_SUFFIX}", flags, 0o600)
        try:
            os.fchmod(aside, 0o600)
            os.write(aside, tail + b"\n")
        finally:
            os.close(aside)
        os.ftruncate(descriptor, self._size)

    def _cut_back(self) -> None:
        """Truncate a partially written record."""
        if self._descriptor is None:
            return
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            self._is_torn = True

    def _set_fault(self, fault: str) -> None:
        if fault != self.fault:
            self.fault = fault
            self._on_fault(fault)


def _words(error: OSError | SessionError) -> str:
    if isinstance(error, SessionError):
        return f"{error.what} {error.why}".strip()
    return error.strerror or str(error)


def _open_existing(path: Path) -> int:
    try:
        return os.open(path, _OPEN)
    except PermissionError:
        return os.open(path, _READ)
    except OSError as error:
        if error.errno == errno.EROFS:
            return os.open(path, _READ)
        raise


def _is_writable(descriptor: int) -> bool:
    return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_RDWR)


def _lock(descriptor: int) -> bool:
    """Whether this process locked the file; a file system without locks counts as locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _whole(descriptor: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "It is not a regular file")
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read()


def _sync_to_disk(descriptor: int) -> None:
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        fcntl.fcntl(descriptor, full)  # On macOS fsync alone leaves it in the drive's cache.
    else:
        os.fdatasync(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unreadable(path: Path, error: OSError) -> SessionError:
    return SessionError(
        f"The session in {path} cannot be read.",
        why=f"{_words(error)}.",
        advice=f"See whose it is, and its mode: ls -l {shlex.quote(str(path))}",
    )
