"""Builds the command guard and the sandbox from the user's settings."""

from __future__ import annotations

from collections.abc import Mapping

from vtcode_tui.agent.path_oracle import WorkspaceOracle
from vtcode_tui.config.launch import Launch
from vtcode_tui.permissions.commands import CommandRuling, rule_on_command
from vtcode_tui.permissions.reading import READING_COMMANDS
from vtcode_tui.tools.command_guard import CommandGuard
from vtcode_tui.workspace.environment import child_environment
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.sandbox import Sandbox


def command_guard(launch: Launch, gate: Gate, sandbox: Sandbox) -> CommandGuard:
    """The guard for ``run_terminal_cmd``. Without a configured allow list, read-only commands are
    allowed."""
    settings = launch.loaded.settings.commands
    allow_list = READING_COMMANDS if settings.allow_list is None else settings.allow_list
    paths = WorkspaceOracle(gate.workspace.root, gate.linked_secrets)

    def judge(command: str) -> CommandRuling:
        return rule_on_command(
            command, allow_list=allow_list, deny_list=settings.deny_list or (), paths=paths
        )

    return CommandGuard(judge, sandbox, launch.state_dir)


def command_sandbox(launch: Launch, gate: Gate) -> Sandbox:
    """The sandbox that the settings ask for; nothing is started yet."""
    settings = launch.loaded.settings.sandbox
    environment: Mapping[str, str] = child_environment(launch.environ, gate.workspace.root)
    return Sandbox(
        settings.mode,
        network=settings.network,
        roots=lambda: gate.roots,
        hidden=gate.off_limits,
        state_dir=launch.state_dir,
        environment=environment,
    )
