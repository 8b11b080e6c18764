"""Keeps the whole of a long output in a private file, while only its two ends stay in memory."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from vtcode_tui.workspace.known_secrets import KnownSecrets, StreamMask
from vtcode_tui.workspace.private import private_directory

CAP_BYTES = 64 * 1024 * 1024
MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class SpooledOutput:
    """``is_whole`` is False where the output went beyond the cap or the disk was full."""

    path: Path
    is_whole: bool


class OutputSpool:
    """Takes one command's output; makes no file unless it is longer than ``after_bytes``.

    The file has mode 0600 and lies in ``state_dir/output``, which holds the newest of them only. In
    it are stars in the place of each secret that is known.
    Writing happens in a thread of its own, so that ``add`` returns at once. End it with ``finish``
    or ``discard``.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        after_bytes: int,
        secrets: KnownSecrets | None = None,
        cap_bytes: int = CAP_BYTES,
        max_files: int = MAX_FILES,
    ) -> None:
        mask = StreamMask(secrets or KnownSecrets())
        self._file = _SpoolFile(state_dir, mask, cap_bytes, max_files)
        self._after_bytes = after_bytes
        self._room = cap_bytes
        self._waiting = bytearray()
        self._executor: Executor | None = None

    def add(self, chunk: bytes) -> None:
        if self._executor is None:
            self._waiting += chunk
            if len(self._waiting) <= self._after_bytes:
                return
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="spool")
            chunk = bytes(self._waiting)
            self._waiting.clear()
        if self._room >= 0:
            self._room -= len(chunk)
            self._executor.submit(self._file.write, chunk)
            if self._room < 0:  # What is beyond the cap would only wait in memory.
                self._executor.submit(self._file.cut)

    async def finish(self) -> SpooledOutput | None:
        """The file, closed; None where there is none, as for short output or a full disk."""
        if self._executor is None:
            return None
        closed: Future[SpooledOutput | None] = self._executor.submit(self._file.close)
        self._executor.shutdown(wait=False)
        return await asyncio.wrap_future(closed)

    def discard(self) -> None:
        """Without waiting, have the file removed."""
        if self._executor is not None:
            self._executor.submit(self._file.remove)
            self._executor.shutdown(wait=False)


class _SpoolFile:
    """The file as the one thread that writes it sees it. Never raises."""

    def __init__(self, state_dir: Path, mask: StreamMask, cap_bytes: int, max_files: int) -> None:
        self._state_dir = state_dir
        self._mask = mask
        self._room = cap_bytes
        self._max_files = max_files
        self._path: Path | None = None
        self._descriptor = -1
        self._is_whole = True

    def write(self, chunk: bytes) -> None:
        if self._path is None and self._is_whole:
            self._open()
        self._put(self._mask.feed(chunk))

    def cut(self) -> None:
        """No more is given to be written, though there was more."""
        self._is_whole = False

    def _put(self, chunk: bytes) -> None:
        kept = chunk[: self._room]
        self._is_whole = self._is_whole and len(kept) == len(chunk)
        self._room -= len(kept)
        while kept and self._descriptor >= 0:
            try:
                kept = kept[os.write(self._descriptor, kept) :]
            except OSError:
                self._is_whole = False
                self._room = 0
                return

    def close(self) -> SpooledOutput | None:
        self._put(self._mask.finish())
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        return None if self._path is None else SpooledOutput(self._path, self._is_whole)

    def remove(self) -> None:
        self.close()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            directory = private_directory(self._state_dir, "output")
            _make_room(directory, self._max_files - 1)
            path = directory / f"{token_hex(8)}.txt"
            self._descriptor = os.open(path, flags, 0o600)
            os.fchmod(self._descriptor, 0o600)
        except OSError:
            self._is_whole = False
            return
        self._path = path


def _make_room(directory: Path, count: int) -> None:
    """Remove all but the newest ``count`` files."""
    files = sorted(directory.iterdir(), key=_modified, reverse=True)
    for path in files[count:]:
        with suppress(OSError):
            path.unlink()


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0
