"""A small private JSON file: locked, and replaced atomically.

A file or directory that another user could have written is refused. Unknown content is kept when
the file is written again.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.errors import ConfigError

Content: TypeAlias = dict[str, object]

_MAX_BYTES = 8 * 1024 * 1024
_LOCK_TRIES = 500
_LOCK_PAUSE_S = 0.02
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class PrivateStore:
    """The file at ``path``, mode 0600, in a directory of mode 0700. Blocks."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Content:
        """The content; empty without a file. Raises ConfigError if the file cannot be trusted."""
        directory = self._open_directory()
        if directory is None:
            return {}
        try:
            return self._read_in(directory)
        finally:
            os.close(directory)

    def update(self, change: Callable[[Content], None]) -> None:
        """Apply ``change`` to the content on disk and write it.

        The file is locked meanwhile, so that concurrent updates are not lost. Raises ConfigError,
        with the file unchanged.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None
        directory = self._open_directory()
        if directory is None:
            raise self._refused("Its directory vanished.", f"mkdir -p {self.path.parent}")
        try:
            with self._locked(directory):
                content = self._read_in(directory)
                change(content)
                self._write_in(directory, content)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            os.close(directory)

    def _open_directory(self) -> int | None:
        """The directory, checked and held open; the file is then opened relative to it."""
        folder = self.path.parent
        try:
            directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            self._check(os.fstat(directory), folder)
        except ConfigError:
            os.close(directory)
            raise
        return directory

    def _check(self, status: os.stat_result, path: Path) -> None:
        if status.st_uid != os.geteuid():
            raise self._refused(f"{path} belongs to another user.", f"mv {path} {path}.refused")
        if status.st_mode & _WRITABLE_BY_OTHERS:
            raise self._refused(f"Other users may write to {path}.", f"chmod go-w {path}")

    def _read_in(self, directory: int) -> Content:
        try:
            descriptor = os.open(self.path.name, _READ_FLAGS, dir_fd=directory)
        except FileNotFoundError:
            return {}
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise self._refused("It is a symbolic link.", f"rm {self.path}") from None
            raise self._unwritable(error) from None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise self._refused("It is not a regular file.", f"rm -r {self.path}")
            self._check(status, self.path)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                text = file.read(_MAX_BYTES + 1)
        finally:
            os.close(descriptor)
        return self._parsed(text)

    def _parsed(self, text: bytes) -> Content:
        import json

        content: object = None
        if len(text) <= _MAX_BYTES:
            with suppress(ValueError, RecursionError):
                content = json.loads(text)
        if not isinstance(content, dict):
            raise self._refused(
                "Its content is not what this program writes.", f"mv {self.path} {self.path}.broken"
            )
        return content

    @contextmanager
    def _locked(self, directory: int) -> Iterator[None]:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(f"{self.path.name}.lock", flags, 0o600, dir_fd=directory)
        try:
            for _ in range(_LOCK_TRIES):
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(_LOCK_PAUSE_S)
            else:
                raise self._refused(
                    "Another process has held it for ten seconds.",
                    "Try again, or end that process.",
                )
            yield
        finally:
            os.close(lock)

    def _write_in(self, directory: int, content: Content) -> None:
        import json

        temporary = f".{self.path.name}.{os.urandom(6).hex()}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(temporary, flags, 0o600, dir_fd=directory), "wb") as file:
                # The umask may have taken the owner's own rights.
                os.fchmod(file.fileno(), 0o600)
                file.write(json.dumps(content, indent=2).encode("ascii") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path.name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise
        with suppress(OSError):
            os.fsync(directory)

    def _refused(self, why: str, advice: str) -> ConfigError:
        return ConfigError(f"{self.path} cannot be relied on.", why=why, advice=advice)

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"{self.path} cannot be used.",
            why=f"{error.strerror or error}.",
            advice=f"Make {self.path.parent} a directory of yours that can be written.",
        )
