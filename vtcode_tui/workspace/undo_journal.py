"""Computes from the journal which turns can be undone and which undos reverted.

Pure. Damaged records, and those of a later version, are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vtcode_tui.workspace.regular import ABSENT

Kind: TypeAlias = Literal["change", "undo", "redo", "skip", "forget"]
_KINDS: tuple[Kind, ...] = ("change", "undo", "redo", "skip", "forget")


@dataclass(frozen=True, slots=True)
class FileState:
    """A file's digest, or ABSENT, and its permission bits, None if unknown."""

    digest: str
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One file's change from ``before`` to ``after``.

    ``group`` identifies the turn across all runs of the program; ``turn`` is its number in its run.
    ``path`` is relative to the workspace, or absolute outside it. ``directories`` are those created
    for the file, named from the root that contains it. ``batch`` identifies one undo.
    """

    kind: Kind
    group: str
    turn: int
    path: str
    before: FileState
    after: FileState
    directories: tuple[tuple[str, ...], ...] = ()
    batch: str = ""

    def record(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "group": self.group,
            "turn": self.turn,
            "path": self.path,
            "before": [self.before.digest, self.before.mode],
            "after": [self.after.digest, self.after.mode],
            "directories": [list(names) for names in self.directories],
            "batch": self.batch,
        }


@dataclass(slots=True)
class Group:
    """The changes of one turn by path, in order. ``open_paths`` can still be undone; ``forgotten``
    cannot, because their first old content is no longer kept."""

    name: str
    turn: int
    changes: dict[str, list[Change]] = field(default_factory=dict)
    open_paths: dict[str, None] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class JournalState:
    """``groups``, oldest first; ``undos`` that can be reverted, oldest first, each with its
    changes."""

    groups: tuple[Group, ...]
    undos: tuple[tuple[Change, ...], ...]

    def last_open_group(self) -> Group | None:
        return next((group for group in reversed(self.groups) if group.open_paths), None)


def read_changes(records: Iterable[Mapping[str, object]]) -> list[Change]:
    return [change for change in map(_parse, records) if change is not None]


def fold(changes: Iterable[Change]) -> JournalState:
    """The state after all recorded changes."""
    groups: dict[str, Group] = {}
    undos: dict[str, dict[str, Change]] = {}
    for change in changes:
        group = groups.setdefault(change.group, Group(change.group, change.turn))
        match change.kind:
            case "change":
                undos.clear()
                if change.path not in group.forgotten:
                    group.changes.setdefault(change.path, []).append(change)
                    group.open_paths[change.path] = None
            case "forget":
                group.forgotten.add(change.path)
                group.open_paths.pop(change.path, None)
            case "undo":
                group.open_paths.pop(change.path, None)
                undos.setdefault(change.batch, {})[change.path] = change
            case "redo":
                group.open_paths[change.path] = None
                undos.get(change.batch, {}).pop(change.path, None)
            case "skip":
                group.open_paths.pop(change.path, None)
    kept = tuple(tuple(batch.values()) for batch in undos.values() if batch)
    return JournalState(tuple(groups.values()), kept)


def _parse(record: Mapping[str, object]) -> Change | None:
    kind = next((kind for kind in _KINDS if kind == record.get("kind")), None)
    group, turn, path = record.get("group"), record.get("turn"), record.get("path")
    before, after = _state(record.get("before")), _state(record.get("after"))
    directories, batch = _directories(record.get("directories")), record.get("batch")
    if kind is None or before is None or after is None or directories is None:
        return None
    if not (isinstance(group, str) and isinstance(path, str) and path and isinstance(batch, str)):
        return None
    if not isinstance(turn, int):
        return None
    return Change(kind, group, turn, path, before, after, directories, batch)


def _state(value: object) -> FileState | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    digest, mode = value
    if not isinstance(digest, str) or not (mode is None or isinstance(mode, int)):
        return None
    is_digest = len(digest) == 64 and all(letter in "0123456789abcdef" for letter in digest)
    if digest != ABSENT and not is_digest:
        return None
    return FileState(digest, None if mode is None else mode & 0o777)


def _directories(value: object) -> tuple[tuple[str, ...], ...] | None:
    if not isinstance(value, list):
        return None
    found: list[tuple[str, ...]] = []
    for names in value:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return None
        found.append(tuple(names))
    return tuple(found)
