"""The tools that a model is offered, by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vtcode_tui.tools.base import Tool
from vtcode_tui.workspace.root import Workspace

if TYPE_CHECKING:
    from vtcode_tui.tools.command_guard import CommandGuard
    from vtcode_tui.workspace.gate import Gate
    from vtcode_tui.workspace.known_secrets import KnownSecrets
    from vtcode_tui.workspace.undo import UndoLog


class Toolbox:
    """An ordered, fixed set of tools with distinct names."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._by_name = {tool.name: tool for tool in tools}
        if len(self._by_name) != len(tools):
            raise ValueError("two tools have the same name")

    def get(self, name: str) -> Tool | None:
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)


def default_toolbox(
    workspace: Workspace,
    *,
    environment: Mapping[str, str],
    pass_env: Iterable[str] = (),
    command_timeout_s: float,
    clock: Callable[[], float] = time.monotonic,
    gate: Gate | None = None,
    undo: UndoLog | None = None,
    secrets: KnownSecrets | None = None,
    commands: CommandGuard | None = None,
) -> Toolbox:
    """The six tools for one workspace.

    ``gate`` judges paths; the default covers the workspace and the home directory of
    ``environment``. ``undo`` keeps overwritten contents; ``secrets`` learns the secrets in files
    that are read; ``commands`` judges and sandboxes commands: without it every command is asked
    about and runs in no sandbox.

    ``environment`` is the program's own; commands and searches get only what child_environment
    allows, and the variables ``pass_env``. ``command_timeout_s`` is the default time limit of a
    command.
    """
    from vtcode_tui.tools.command_guard import UNGUARDED
    from vtcode_tui.tools.context import ToolContext
    from vtcode_tui.tools.edit_file import EditFile
    from vtcode_tui.tools.list_files import ListFiles
    from vtcode_tui.tools.read_file import ReadFile
    from vtcode_tui.tools.run_terminal_cmd import RunTerminalCmd
    from vtcode_tui.tools.search_files import SearchFiles
    from vtcode_tui.tools.write_file import WriteFile
    from vtcode_tui.workspace.environment import child_environment
    from vtcode_tui.workspace.gate import Gate
    from vtcode_tui.workspace.known_secrets import KnownSecrets

    homes = [Path(home)] if (home := environment.get("HOME", "")).startswith("/") else []
    context = ToolContext(
        gate=gate or Gate(workspace, homes=homes),
        undo=undo,
        environment=child_environment(environment, workspace.root, pass_env),
        command_timeout_s=command_timeout_s,
        clock=clock,
        secrets=secrets or KnownSecrets(),
    )
    return Toolbox(
        [
            ReadFile(context),
            WriteFile(context),
            EditFile(context),
            ListFiles(context),
            SearchFiles(context),
            RunTerminalCmd(context, commands or UNGUARDED),
        ]
    )
