"""What every tool is given: the workspace, the environment of its children, limits, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vtcode_tui.workspace.root import Workspace


@dataclass(frozen=True, slots=True)
class ToolContext:
    """``environment`` is all that a child process gets to see; ``clock`` counts seconds."""

    workspace: Workspace
    environment: Mapping[str, str]
    command_timeout_s: float
    clock: Callable[[], float]
