"""Undo for file tools, without git: old contents are kept before each write.

A file is restored only if it still is as the tool left it; if it was changed since, it is reported
as a conflict and left alone. An undo can itself be undone. Changes by commands are not covered.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.files import digest, missing_directories
from vtcode_tui.workspace.putting_back import OnConflict, PuttingBack, UndoReport, mode_of
from vtcode_tui.workspace.regular import ABSENT
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.undo_journal import Change, FileState, JournalState, fold, read_changes
from vtcode_tui.workspace.undo_store import UndoStore

LIMIT_BYTES = 200 * 1024 * 1024
_MAX_CHANGES = 10_000
_ROOM_LEFT = 0.9


@dataclass(frozen=True, slots=True)
class FirstContent:
    """The bytes of a file; ``content`` is None if there was no file."""

    content: bytes | None


class UndoLog:
    """The changes in one workspace. ``holder`` returns the open root that contains a path, or None.

    ``state_dir`` is the user's directory for state. Blocking; safe to use from several threads and
    from several runs of the program at once.
    """

    def __init__(
        self,
        state_dir: Path,
        workspace: Workspace,
        holder: Callable[[Path], Workspace | None],
        *,
        limit_bytes: int = LIMIT_BYTES,
        max_changes: int = _MAX_CHANGES,
    ) -> None:
        key = hashlib.sha256(str(workspace.root).encode("utf-8", "surrogateescape")).hexdigest()
        self._store = UndoStore(state_dir / "undo" / key[:24])
        self._workspace = workspace
        self._holder = holder
        self._limit_bytes = limit_bytes
        self._max_changes = max_changes
        self._run = secrets.token_hex(8)
        self._turn = self._turns = 0
        self._kept_bytes: int | None = None
        self._kept_changes = 0
        self._notices: list[str] = []

    @property
    def _group(self) -> str:
        return f"{self._run}-{self._turns}"

    def begin_turn(self, turn: int) -> None:
        """Later changes belong to the turn with this number."""
        self._turns += 1
        self._turn = turn

    def take_notices(self) -> tuple[str, ...]:
        """Messages for the user since the last call."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def record(
        self,
        path: Path,
        before: bytes | None,
        after: bytes | None,
        *,
        mode_after: int | None = None,
    ) -> None:
        """Keep ``before`` ahead of a write that replaces it by ``after``; None is a missing file.

        ``mode_after`` is given if the permission bits change too. Never raises: a notice says if a
        write cannot be undone.
        """
        try:
            with self._store.locked():
                self._record(path, before, after, mode_after)
        except (OSError, WorkspaceError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            self._notices.append(
                f"The change of {self._shown(path)} cannot be undone: its old content could not be"
                f" kept ({reason})."
            )

    def written_directories(self) -> tuple[Path, ...]:
        """The directories in which file tools wrote, as far as remembered."""
        try:
            changes = read_changes(self._store.records())
        except OSError:
            return ()
        return tuple({self.absolute(change.path).parent for change in changes})

    def undo(self, on_conflict: OnConflict = "keep") -> UndoReport:
        """Restore the files of the last turn that wrote any. Raises WorkspaceError.

        A turn with a conflicting file stays the last one until that file is skipped or restored by
        force; its content is kept then, so that ``redo`` restores it.
        """
        with self._journal() as state:
            group = state.last_open_group()
            if group is None:
                return UndoReport()
            work = PuttingBack(self._store, self._located, on_conflict, secrets.token_hex(8))
            for path in reversed(list(group.open_paths)):
                work.undo(group.changes[path])
            return work.finish(group.turn, is_earlier_run=not group.name.startswith(self._run))

    def redo(self) -> UndoReport:
        """Revert the last undo if nothing was written since. Raises WorkspaceError."""
        with self._journal() as state:
            if not state.undos:
                return UndoReport()
            undone = state.undos[-1]
            work = PuttingBack(self._store, self._located, "keep", undone[0].batch)
            for change in reversed(undone):
                work.redo(change)
            name = undone[0].group
            return work.finish(undone[0].turn, is_earlier_run=not name.startswith(self._run))

    def first_contents(self) -> dict[str, FirstContent | None]:
        """What each file that this run wrote contained before its first write, by its path in the
        journal; None if that is no longer kept. Raises WorkspaceError."""
        with self._journal() as state:
            first: dict[str, FileState] = {}
            for group in state.groups:
                if group.name.startswith(self._run):
                    for path, changes in group.changes.items():
                        first.setdefault(path, changes[0].before)
            return {path: self._first_content(before) for path, before in first.items()}

    def _first_content(self, before: FileState) -> FirstContent | None:
        if before.digest == ABSENT:
            return FirstContent(None)
        content = self._store.content(before.digest)
        return None if content is None else FirstContent(content)

    def absolute(self, path: str) -> Path:
        """The absolute path of a journal entry's ``path``."""
        return self._workspace.root.joinpath(path)

    def _located(self, path: str) -> tuple[Workspace, Path] | None:
        absolute = self.absolute(path)
        root = self._holder(absolute)
        return None if root is None else (root, absolute)

    def _shown(self, path: Path) -> str:
        if path.is_relative_to(self._workspace.root):
            return self._workspace.relative(path)
        return str(path)

    @contextlib.contextmanager
    def _journal(self) -> Iterator[JournalState]:
        try:
            with self._store.locked():
                yield fold(read_changes(self._store.records()))
        except OSError as error:
            raise WorkspaceError(
                "The old contents cannot be used.",
                why=error.strerror or str(error),
                advice="See what git has of them: git diff",
            ) from error

    def _record(
        self, path: Path, before: bytes | None, after: bytes | None, mode_after: int | None
    ) -> None:
        root = self._holder(path)
        mode = None if before is None else mode_of(path)
        change = Change(
            kind="change",
            group=self._group,
            turn=self._turn,
            path=self._shown(path),
            before=FileState(ABSENT if before is None else self._store.keep(before), mode),
            after=FileState(digest(after), None if after is None else mode_after or mode),
            directories=missing_directories(root, path) if root and before is None else (),
        )
        self._store.append([change.record()])
        if self._kept_bytes is None:
            self._kept_bytes = sum(self._store.sizes().values())
            self._kept_changes = len(self._store.records())
        else:
            self._kept_bytes += len(before or b"")
            self._kept_changes += 1
        if self._kept_bytes > self._limit_bytes or self._kept_changes > self._max_changes:
            self._make_room()

    def _make_room(self) -> None:
        """Drop the oldest turns until there is room again, with a notice."""
        sizes = self._store.sizes()
        changes = kept = read_changes(self._store.records())
        if _size(kept, sizes) > self._limit_bytes or len(kept) > self._max_changes:
            kept = self._fewer(kept, sizes)
            forgotten = len({c.group for c in changes}) - len({c.group for c in kept})
            what = f"those of the {forgotten} oldest turns" if forgotten else "some of this turn"
            self._notices.append(
                f"Undo keeps {self._limit_bytes:,} bytes of old contents and"
                f" {self._max_changes:,} changes at most: {what} can no longer be undone."
            )
        self._store.replace_journal(change.record() for change in kept)
        self._store.keep_only({change.before.digest for change in kept})
        self._kept_bytes, self._kept_changes = _size(kept, sizes), len(kept)

    def _fewer(self, changes: list[Change], sizes: dict[str, int]) -> list[Change]:
        limit_bytes, max_changes = self._limit_bytes * _ROOM_LEFT, self._max_changes * _ROOM_LEFT
        while _size(changes, sizes) > limit_bytes or len(changes) > max_changes:
            fewer = _without_the_oldest(changes)
            if not fewer:
                break
            changes = fewer
        return changes


def _size(changes: list[Change], sizes: dict[str, int]) -> int:
    return sum(sizes.get(name, 0) for name in {change.before.digest for change in changes})


def _without_the_oldest(changes: list[Change]) -> list[Change]:
    """The turns without the oldest; for a single turn, without its oldest file. No file is left
    partially: its later changes in that turn are dropped too."""
    oldest, newest = changes[0], changes[-1]
    if oldest.group != newest.group:
        return [change for change in changes if change.group != oldest.group]
    whole = [change for change in changes if change.kind != "forget"]
    if not whole:
        return []
    path, nothing = whole[0].path, FileState(ABSENT)
    forgotten = replace(whole[0], kind="forget", before=nothing, after=nothing, directories=())
    return [*(change for change in changes if change.path != path), forgotten]
