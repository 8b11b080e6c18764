"""The commands /undo, /redo and /add-dir: what they do, and what they say. Blocking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import WorkspaceError

if TYPE_CHECKING:
    from vtcode_tui.agent.file_access import FileAccess
    from vtcode_tui.workspace.putting_back import OnConflict, UndoReport

_NOT_COVERED = "Commands are not covered: what they changed stays."
_CHOICES: dict[str, OnConflict] = {"": "keep", "skip": "skip", "force": "force"}
_WAYS_OUT = (
    "/undo skip leaves them as they are and goes on to the turn before next time;"
    " /undo force puts the old content back all the same, and /redo brings yours back."
)


def undo(files: FileAccess, choice: str) -> str:
    """Undo the last turn that wrote files. Raises WorkspaceError."""
    on_conflict = _CHOICES.get(choice.lower())
    if on_conflict is None:
        raise WorkspaceError(
            f"/undo {choice} means nothing.", advice="Use: /undo, /undo skip or /undo force"
        )
    report = files.undo.undo(on_conflict)
    if report.turn is None:
        return f"There is nothing to undo: no tool wrote a file here. {_NOT_COVERED}"
    return "\n".join([*_told(report, "Undone"), _NOT_COVERED])


def redo(files: FileAccess) -> str:
    """Take back the last undo. Raises WorkspaceError."""
    report = files.undo.redo()
    if report.turn is None:
        return "There is nothing to redo."
    return "\n".join(_told(report, "Done again"))


def add_directory(files: FileAccess, launch: Launch, directory: str) -> str:
    """Open another directory to the tools. Raises WorkspaceError."""
    if not directory:
        raise WorkspaceError("/add-dir needs a directory.", advice="Name one: /add-dir ../other")
    home = launch.environ.get("HOME", "")
    if home and (directory == "~" or directory.startswith("~/")):
        directory = home + directory[1:]
    added = files.gate.add_directory(launch.workspace / Path(directory))
    return (
        f"Files in {added} can be read and written now, under the same rules as the workspace's,"
        " until you leave."
    )


def _told(report: UndoReport, what: str) -> list[str]:
    turn = f"turn {report.turn}{' of an earlier run' if report.is_earlier_run else ''}"
    lines = [
        *(f"  {path}" for path in report.restored),
        *(f"  {path} (removed)" for path in report.removed),
    ]
    if lines:
        lines.insert(0, f"{what}, {turn}:")
    elif not report.conflicts and not report.skipped:
        lines.append(f"The files of {turn} are so already: nothing had to change.")
    if report.skipped:
        lines.append(f"Skipped, {turn}: {', '.join(report.skipped)}.")
    if report.conflicts:
        lines.append(f"Left alone, {turn}:")
        lines += [f"  {conflict.path}: {conflict.why}" for conflict in report.conflicts]
        lines.append(_WAYS_OUT)
    return lines
