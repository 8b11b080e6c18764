"""Where sessions are stored: one private directory per workspace in the state directory. Blocks.

<state_dir>/sessions/<name of the workspace>-<hash>/<date>-<time>-<id>.jsonl
"""

from __future__ import annotations

import datetime
import os
import re
import secrets
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from vtcode_tui.errors import SessionError, SessionNotFound
from vtcode_tui.session.journal import TORN_SUFFIX, Journal, check_private, load
from vtcode_tui.session.listing import SessionSummary, newest_first, session_id_of
from vtcode_tui.session.replay import Replayed, replay

SUFFIX = ".jsonl"

_ID = re.compile(r"[0-9a-f]{4,8}")


class SessionStore:
    """The sessions of ``workspace``, an absolute path, and access to those of other workspaces."""

    def __init__(self, state_dir: Path, workspace: Path) -> None:
        self._root = state_dir / "sessions"
        self._workspace = workspace
        self.directory = self._root / workspace_key(workspace)

    def new_path(self, now: datetime.datetime) -> Path:
        """A path for a new session. Nothing is created."""
        return self.directory / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}{SUFFIX}"

    def list(self, *, everywhere: bool = False) -> tuple[SessionSummary, ...]:
        """The sessions that have a prompt, newest first. Raises SessionError."""
        return newest_first(self._paths(everywhere=everywhere))

    def latest(self) -> Path:
        """The workspace's most recently changed session. Raises SessionError."""
        sessions = self.list()
        if not sessions:
            raise SessionNotFound(
                "There is no session to go on with.",
                why=f"None was kept for {self._workspace} yet.",
                advice="Begin one: vtcode-tui\nTo see those of other directories: vtcode-tui"
                " sessions list --all",
            )
        return sessions[0].path

    def find(self, session_id: str, *, everywhere: bool = False) -> Path:
        """The file of a session by its id or the beginning of it. Raises SessionError.

        ``everywhere`` includes other workspaces.
        """
        wanted = session_id.strip().lower()
        if not _ID.fullmatch(wanted):
            raise self._not_found(session_id, "An id is four to eight of the characters 0-9, a-f.")
        found = {
            path for path in self._paths(everywhere=True) if session_id_of(path).startswith(wanted)
        }
        here = {path for path in found if path.parent == self.directory}
        chosen = here or (found if everywhere else set())
        if len(chosen) == 1:
            return chosen.pop()
        if chosen:
            ids = ", ".join(sorted(map(session_id_of, chosen)))
            raise self._not_found(session_id, f"More than one begins so: {ids}.")
        if found:
            raise self._elsewhere(found.pop())
        raise self._not_found(session_id, "No session has this id.")

    def rename(self, path: Path, title: str, now: float) -> None:
        """Set a session's title. Raises SessionError, for instance if it is open elsewhere."""
        loaded = load(path)
        faults: list[str] = []
        journal = Journal.reopened(loaded, now=lambda: now, on_fault=faults.append)
        try:
            if not loaded.is_locked:
                raise self._is_open(path)
            journal.append("title", {"title": title})
            fault = journal.fault or journal.sync()
        finally:
            journal.close()
        if fault:
            raise SessionError(
                f"The session {session_id_of(path)} keeps its name.",
                why=fault,
                advice=f"See whether there is room and leave to write: df {shlex.quote(str(path.parent))}",
            )

    def delete(self, path: Path) -> None:
        """Remove a session and everything that belongs to it. Raises SessionError."""
        loaded = load(path)
        try:
            if not loaded.is_locked:
                raise self._is_open(path)
            path.unlink()
            with suppress(FileNotFoundError):
                Path(f"{path}{TORN_SUFFIX}").unlink()
        except OSError as error:
            raise SessionError(
                f"The session {session_id_of(path)} cannot be deleted.",
                why=error.strerror or str(error),
                advice=f"Delete its file by hand: rm {shlex.quote(str(path))}",
            ) from None
        finally:
            os.close(loaded.descriptor)
        with suppress(OSError):
            path.parent.rmdir()  # It stays while another session is in it.

    def _paths(self, *, everywhere: bool) -> Iterator[Path]:
        directories: Iterable[Path] = [self.directory]
        if everywhere:
            directories = _directories(self._root)
        for directory in directories:
            with suppress(FileNotFoundError):
                check_private(directory.stat(), directory)
                yield from (path for path in directory.iterdir() if path.suffix == SUFFIX)

    def _not_found(self, session_id: str, why: str) -> SessionNotFound:
        return SessionNotFound(
            f"There is no session {session_id}.",
            why=why,
            advice="See them: vtcode-tui sessions list",
        )

    def _elsewhere(self, path: Path) -> SessionNotFound:
        session_id = session_id_of(path)
        summaries = newest_first([path])
        workspace = summaries[0].workspace if summaries else ""
        return SessionNotFound(
            f"The session {session_id} is one of another directory.",
            why=f"It was held in {workspace}." if workspace else "",
            advice=f"Go on with it there: vtcode-tui -C {workspace or 'DIR'} --resume {session_id}",
        )

    def _is_open(self, path: Path) -> SessionError:
        return SessionError(
            f"The session {session_id_of(path)} is open in another vtcode-tui.",
            why="Two that write to one file would spoil it.",
            advice="Leave that one first, with Ctrl+Q.",
        )


def read_session(path: Path) -> Replayed:
    """The content of a session's file, even if it is open elsewhere. Raises SessionError."""
    loaded = load(path, to_write=False)
    os.close(loaded.descriptor)
    return replay(loaded.scan)


def workspace_key(workspace: Path) -> str:
    """The name of a workspace's directory: readable and unique per path."""
    from hashlib import sha256

    name = re.sub(r"[^A-Za-z0-9._-]+", "-", workspace.name).strip(".-")[:40] or "root"
    digest = sha256(os.fsencode(workspace)).hexdigest()[:12]
    return f"{name}-{digest}"


def _directories(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
