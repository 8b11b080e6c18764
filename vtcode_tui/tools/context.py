"""What every tool is given: the gate to files, the environment of its children, limits, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.undo import UndoLog


@dataclass(frozen=True, slots=True)
class ToolContext:
    """``environment`` is all that a child process gets to see; ``clock`` counts seconds.

    Every path of a call goes through ``gate``; ``undo``, where there is one, keeps old contents;
    ``secrets`` learns those of a file that usually holds some as soon as it is read.
    """

    gate: Gate
    undo: UndoLog | None
    environment: Mapping[str, str]
    command_timeout_s: float
    clock: Callable[[], float]
    secrets: KnownSecrets

    @property
    def workspace(self) -> Workspace:
        return self.gate.workspace
