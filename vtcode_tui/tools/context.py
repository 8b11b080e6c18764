"""The environment that all tools share: file gate, child environment, limits, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.undo import UndoLog


@dataclass(frozen=True, slots=True)
class ToolContext:
    """``environment`` is the complete environment of child processes; ``clock`` counts seconds.

    Every path goes through ``gate``; ``undo``, if set, keeps old contents; ``secrets`` learns the
    values in a secret file when it is read.
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
