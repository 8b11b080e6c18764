"""What the file tools changed in this run: each file's content before the first write against its
content now. Uses the contents kept for undo, not git. Blocking."""

from __future__ import annotations

from dataclasses import dataclass

from vtcode_tui.agent.file_access import FileAccess
from vtcode_tui.conversation.results import FileDiff
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.diff import file_diff
from vtcode_tui.workspace.files import read_if_exists
from vtcode_tui.workspace.text import decode


@dataclass(frozen=True, slots=True)
class SessionChanges:
    """``diffs`` of changed text files; ``notes`` name files that cannot be shown, and why."""

    diffs: tuple[FileDiff, ...] = ()
    notes: tuple[str, ...] = ()


def session_changes(files: FileAccess) -> SessionChanges:
    """Raises WorkspaceError where the old contents cannot be read."""
    diffs: list[FileDiff] = []
    notes: list[str] = []
    for path, first in files.undo.first_contents().items():
        if first is None:
            notes.append(f"{path}: what it held before is no longer kept")
            continue
        absolute = files.undo.absolute(path)
        root = files.gate.root_of(absolute)
        try:
            now = read_if_exists(root, absolute) if root is not None else None
        except (OSError, WorkspaceError) as error:
            notes.append(f"{path}: {error}")
            continue
        before = first.content
        if before == now:
            continue
        old = decode(before) if before is not None else None
        new = decode(now) if now is not None else None
        if (before is not None and old is None) or (now is not None and new is None):
            notes.append(f"{path}: binary")
            continue
        diffs.append(file_diff(path, old.text if old else None, new.text if new else ""))
    return SessionChanges(tuple(diffs), tuple(notes))
