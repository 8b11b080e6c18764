"""Restores files to an earlier state, each only if it was not changed since. Blocking."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias

from vtcode_tui.errors import FileChanged, WorkspaceError
from vtcode_tui.workspace.files import (
    digest,
    read_if_exists,
    remove,
    remove_empty_directories,
    write_atomic,
)
from vtcode_tui.workspace.regular import ABSENT
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.undo_journal import Change, FileState
from vtcode_tui.workspace.undo_store import UndoStore

OnConflict: TypeAlias = Literal["keep", "skip", "force"]
Locate: TypeAlias = Callable[[str], tuple[Workspace, Path] | None]
CHANGED_SINCE = "it was changed after that turn"
CHANGED_BETWEEN = "it was changed between two edits of that turn"
NOT_KEPT = "its old content is no longer kept"
NOT_OPEN = "its directory is not open: add it with /add-dir"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file that was left alone, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class UndoReport:
    """``restored`` have their old bytes again; ``removed`` did not exist before.

    ``turn`` is None if there was nothing to do; ``is_earlier_run`` is true for a turn of an earlier
    run of the program. ``skipped`` were skipped at the user's request.
    """

    turn: int | None = None
    is_earlier_run: bool = False
    restored: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped: tuple[str, ...] = ()


class PuttingBack:
    """One undo or redo of several files, journalled after each file.

    ``on_conflict`` decides about a file that was changed: ``keep`` leaves it, ``skip`` leaves it
    for good, ``force`` restores it anyway.
    """

    def __init__(
        self, store: UndoStore, locate: Locate, on_conflict: OnConflict, batch: str
    ) -> None:
        self._store = store
        self._locate = locate
        self._on_conflict = on_conflict
        self._batch = batch
        self._restored: list[str] = []
        self._removed: list[str] = []
        self._skipped: list[str] = []
        self._conflicts: list[Conflict] = []
        self._emptied: list[tuple[Workspace, tuple[tuple[str, ...], ...]]] = []

    def finish(self, turn: int, *, is_earlier_run: bool) -> UndoReport:
        """Remove the directories that were created for removed files, and report."""
        for root, directories in self._emptied:
            remove_empty_directories(root, directories)
        return UndoReport(
            turn,
            is_earlier_run,
            tuple(self._restored),
            tuple(self._removed),
            tuple(self._conflicts),
            tuple(self._skipped),
        )

    def undo(self, changes: list[Change]) -> None:
        """Restore one file to its state before these changes, which belong to one turn."""
        first, last = changes[0], changes[-1]
        is_whole = all(one.after.digest == two.before.digest for one, two in pairwise(changes))
        done = replace(last, kind="undo", batch=self._batch)
        self._put_back(done, first.before, "" if is_whole else CHANGED_BETWEEN, first.directories)

    def redo(self, undone: Change) -> None:
        """Restore one file to its state before it was undone."""
        done = replace(undone, kind="redo")
        self._put_back(done, undone.before, "", undone.directories)

    def _put_back(
        self,
        done: Change,
        wanted: FileState,
        trouble: str,
        directories: tuple[tuple[str, ...], ...],
    ) -> None:
        """Restore ``wanted`` in a file that should be at ``done.after``, and journal ``done``."""
        place = self._locate(done.path)
        if place is None:
            self._leave(done, NOT_OPEN)
            return
        try:
            content = read_if_exists(*place)
            current = FileState(digest(content), None if content is None else mode_of(place[1]))
            mode = _mode_to_set(current, done.after, wanted)
            if current.digest != wanted.digest or mode is not None:
                if current.digest != done.after.digest:
                    trouble = trouble or CHANGED_SINCE
                if trouble and self._on_conflict != "force":
                    self._leave(done, trouble)
                    return
                self._restore(place, content, replace(wanted, mode=mode))
                (self._removed if wanted.digest == ABSENT else self._restored).append(done.path)
        except FileChanged:
            self._leave(done, CHANGED_SINCE)
        except WorkspaceError as error:
            self._leave(done, error.what)
        else:
            if wanted.digest == ABSENT:
                self._emptied.append((place[0], directories))
            self._store.append([replace(done, before=current, after=wanted).record()])

    def _restore(
        self,
        place: tuple[Workspace, Path],
        content: bytes | None,
        wanted: FileState,
    ) -> None:
        root, path = place
        if content is not None:
            self._store.keep(content)
        if wanted.digest == ABSENT:
            remove(root, path, digest(content))
            return
        kept = self._store.content(wanted.digest)
        if kept is None:
            raise WorkspaceError(NOT_KEPT)
        write_atomic(root, path, kept, digest(content), mode=wanted.mode)

    def _leave(self, done: Change, why: str) -> None:
        if self._on_conflict == "skip":
            self._store.append([replace(done, kind="skip").record()])
            self._skipped.append(done.path)
            return
        self._conflicts.append(Conflict(done.path, why))


def mode_of(path: Path) -> int:
    """The permission bits of the file itself, not of a link's target. Raises OSError."""
    return stat.S_IMODE(path.lstat().st_mode)


def _mode_to_set(current: FileState, left: FileState, wanted: FileState) -> int | None:
    """The mode to set, or None if it is right, or if the user changed it since."""
    if wanted.mode is None or wanted.mode == current.mode:
        return None
    is_as_left = current.mode is None or left.mode is None or current.mode == left.mode
    return wanted.mode if is_as_left else None
