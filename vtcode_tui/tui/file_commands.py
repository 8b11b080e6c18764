"""The commands /undo, /redo and /add-dir and their messages. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.prompts import Attachment, AttachmentKind
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vtcode_tui.agent.file_access import FileAccess
    from vtcode_tui.workspace.putting_back import OnConflict, UndoReport

_NOT_COVERED = "Commands are not covered: what they changed stays."
_CHOICES: dict[str, OnConflict] = {"": "keep", "skip": "skip", "force": "force"}
_CONFLICT_OPTIONS = (
    "/undo skip leaves them as they are and goes on to the turn before next time;"
    " /undo force puts the old content back all the same, and /redo brings yours back."
)


@dataclass(frozen=True, slots=True)
class FileCommandResult:
    """``text`` is for the user; ``changes`` tell the model what differs from what it knows."""

    text: str
    changes: tuple[Attachment, ...] = ()


def undo(files: FileAccess, choice: str) -> FileCommandResult:
    """Undo the last turn that wrote files. Raises WorkspaceError."""
    on_conflict = _CHOICES.get(choice.lower())
    if on_conflict is None:
        raise WorkspaceError(
            f"/undo {choice} means nothing.",
            why="The word after /undo says what happens to files that you changed since.",
            advice="Use: /undo, /undo skip or /undo force",
        )
    report = files.undo.undo(on_conflict)
    if report.turn is None:
        return FileCommandResult(
            f"There is nothing to undo: no tool wrote a file here. {_NOT_COVERED}"
        )
    lines = _report_lines(report, "Undone")
    return FileCommandResult("\n".join([*lines, _NOT_COVERED]), _changes(report, "/undo", lines))


def redo(files: FileAccess) -> FileCommandResult:
    """Revert the last undo. Raises WorkspaceError."""
    report = files.undo.redo()
    if report.turn is None:
        return FileCommandResult("There is nothing to redo.")
    lines = _report_lines(report, "Done again")
    return FileCommandResult("\n".join(lines), _changes(report, "/redo", lines))


def _changes(report: UndoReport, command: str, lines: Sequence[str]) -> tuple[Attachment, ...]:
    count = len(report.restored) + len(report.removed)
    if not count:
        return ()
    note = counted(count, "file")
    return (Attachment(AttachmentKind.OUTPUT, command, "\n".join(lines), note=note),)


def add_directory(files: FileAccess, launch: Launch, directory: str) -> FileCommandResult:
    """Give the tools access to another directory. Raises WorkspaceError."""
    if not directory:
        raise WorkspaceError(
            "/add-dir needs a directory.",
            why="It opens one besides the workspace to the tools.",
            advice="Name one: /add-dir ../other",
        )
    home = launch.environ.get("HOME", "")
    if home and (directory == "~" or directory.startswith("~/")):
        directory = home + directory[1:]
    added = files.gate.add_directory(launch.workspace / Path(directory))
    return FileCommandResult(
        f"Files in {added} can be read and written now, under the same rules as the workspace's,"
        " until you leave."
    )


def _report_lines(report: UndoReport, what: str) -> list[str]:
    turn = f"turn {report.turn}{' of an earlier run' if report.is_earlier_run else ''}"
    lines = [
        *(f"  {path}" for path in report.restored),
        *(f"  {path} (removed)" for path in report.removed),
    ]
    if lines:
        lines.insert(0, f"{what}, {turn}:")
    elif not report.conflicts and not report.skipped:
        lines.append(f"The files of {turn} are like that already: nothing had to change.")
    if report.skipped:
        lines.append(f"Skipped, {turn}: {', '.join(report.skipped)}.")
    if report.conflicts:
        lines.append(f"Left alone, {turn}:")
        lines += [f"  {conflict.path}: {conflict.why}" for conflict in report.conflicts]
        lines.append(_CONFLICT_OPTIONS)
    return lines
