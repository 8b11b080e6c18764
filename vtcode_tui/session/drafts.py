"""Keeps unsent drafts and waiting prompts on disk, so that a crash does not lose them. One folder
per workspace.

Each running app has its own files there and holds a lock. The next app that starts takes over the
files of apps that are gone. All methods block; none raises.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from vtcode_tui.errors import SessionError
from vtcode_tui.session.codec import Fields, RecordError, decode_as, encode_value
from vtcode_tui.session.journal import check_private, make_private_directory
from vtcode_tui.session.replacing import replace_private_file
from vtcode_tui.session.store import workspace_key
from vtcode_tui.session.unsent import Draft, LeftOver, Waiting

log = logging.getLogger(__name__)

_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_BYTES = 64 * 1024 * 1024


class DraftStore:
    """This app's files in the folder of ``workspace``, an absolute path."""

    def __init__(self, state_dir: Path, workspace: Path) -> None:
        self._directory = state_dir / "drafts" / workspace_key(workspace)
        self._name = secrets.token_hex(6)
        self._lock: int | None = None
        self._taken: list[str] = []
        self.fault = ""
        """Why the last that was to be saved is not on the disk, or nothing."""

    def take_over(self) -> tuple[LeftOver, ...]:
        """What apps that are gone have left, newest first. It stays on disk until ``forget_taken``."""
        found: list[tuple[float, LeftOver]] = []
        try:
            names = sorted({path.name.split(".")[0] for path in self._directory.iterdir()})
        except OSError:
            return ()
        for name in names:
            if name == self._name or not self._is_left(name):
                continue
            read = self._read(name)
            if read is None:
                continue
            self._taken.append(name)
            if read[1] != LeftOver(Draft(), Waiting()):
                found.append(read)
        return tuple(left for _, left in sorted(found, key=lambda each: each[0], reverse=True))

    def forget_taken(self) -> None:
        """Remove the files that were taken over."""
        for name in self._taken:
            self._remove(name)
        self._taken.clear()

    def save_draft(self, draft: Draft) -> None:
        self._save("draft", encode_value(draft), is_empty=draft == Draft())

    def save_waiting(self, waiting: Waiting) -> None:
        self._save("waiting", encode_value(waiting), is_empty=waiting == Waiting())

    def close(self) -> None:
        """Release the lock; the files are left for the next app."""
        with suppress(OSError):
            if not any(self._file(self._name, kind).exists() for kind in ("draft", "waiting")):
                self._file(self._name, "lock").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _file(self, name: str, kind: str) -> Path:
        return self._directory / f"{name}.{kind}"

    def _is_left(self, name: str) -> bool:
        """Whether no process holds the lock of ``name``."""
        try:
            descriptor = os.open(self._file(name, "lock"), _LOCK, 0o600)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _read(self, name: str) -> tuple[float, LeftOver] | None:
        """The time of writing and the content; None if it cannot be read, which leaves the file in
        place."""
        draft, waiting, changed_s = Draft(), Waiting(), 0.0
        for kind in ("draft", "waiting"):
            try:
                content, when_s = _private_content(self._file(name, kind))
                changed_s = max(changed_s, when_s)
                if kind == "draft":
                    draft = decode_as(Draft, json.loads(content))
                else:
                    waiting = decode_as(Waiting, json.loads(content))
            except FileNotFoundError:
                continue
            except (OSError, SessionError, RecordError, ValueError) as error:
                log.warning("a draft cannot be read: %s", error)
                return None
        return changed_s, LeftOver(draft, waiting)

    def _save(self, kind: str, fields: Fields, *, is_empty: bool) -> None:
        path = self._file(self._name, kind)
        try:
            if is_empty:
                path.unlink(missing_ok=True)
                return
            self._hold()
            beside = path.with_suffix(f".{kind}-new")
            replace_private_file(path, json.dumps(fields).encode(), beside=beside)
            self.fault = ""
        except OSError as error:
            self.fault = error.strerror or str(error)
        except SessionError as error:
            self.fault = f"{error.what} {error.why}".strip()

    def _hold(self) -> None:
        if self._lock is not None:
            return
        make_private_directory(self._directory)
        self._lock = os.open(self._file(self._name, "lock"), _LOCK, 0o600)
        with suppress(OSError):  # Not every file system has locks.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _remove(self, name: str) -> None:
        for path in self._files_of(name):
            with suppress(OSError):
                path.unlink()

    def _files_of(self, name: str) -> Iterator[Path]:
        yield from self._directory.glob(f"{name}.*")


def _private_content(path: Path) -> tuple[bytes, float]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        check_private(status, path)
        return file.read(_MOST_BYTES), status.st_mtime
