"""What a tool gives back: a text for the model and data for a screen. Frozen values.

``content`` is what the model reads; ``display`` is what a door shows. Neither is formatted for a
terminal, and both hold untrusted text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

from vtcode_tui.lazy_dataclass import dataclass


class Outcome(StrEnum):
    """How a tool call ended. DENIED is the user's decision, REFUSED that of a policy."""

    OK = "ok"
    FAILED = "failed"
    DENIED = "denied"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk without its line end. Line numbers count from 1; None where absent."""

    kind: Literal["context", "added", "removed"]
    old_number: int | None
    new_number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The change of one file. ``path`` is relative to the workspace, with forward slashes."""

    path: str
    hunks: tuple[tuple[DiffLine, ...], ...]
    added: int
    removed: int
    is_new_file: bool = False


@dataclass(frozen=True, slots=True)
class TextDisplay:
    """Plain text, such as a listing or an error."""

    text: str


@dataclass(frozen=True, slots=True)
class FileDisplay:
    """A part of a file; ``first_line`` counts from 1."""

    path: str
    text: str
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class DiffDisplay:
    diff: FileDiff


@dataclass(frozen=True, slots=True)
class CommandDisplay:
    """A command with its output. ``exit_code`` is None while it runs or when a signal ended it."""

    command: str
    cwd: str
    output: str = ""
    exit_code: int | None = None


Display: TypeAlias = TextDisplay | FileDisplay | DiffDisplay | CommandDisplay


@dataclass(frozen=True, slots=True)
class ToolResult:
    """``summary`` is a few words for one line, such as ``42 lines`` or ``exit 1``; ``duration_s`` is
    the time that the tool ran, 0.0 if it did not, and counts no time that a user took to decide."""

    outcome: Outcome
    content: str
    display: Display
    summary: str = ""
    duration_s: float = 0.0


def change_counts(added: int, removed: int) -> str:
    """Lines added and removed, as git writes them: ``+3 -1``."""
    return f"+{added:,} -{removed:,}"
