"""Builds an agent from the configuration, for the screen or the command line.

Modules that only tools need are imported inside ``build_agent``, so that a chat without tools
starts faster.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vtcode_tui.agent.agent import Agent
from vtcode_tui.agent.always_grants import AlwaysGrants
from vtcode_tui.agent.calls import Approver, CallRunner, deny_all
from vtcode_tui.agent.model_choice import ModelChoice
from vtcode_tui.agent.system_prompt import Surroundings, system_prompt
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.policies import ToolPolicy, effective_policy, is_configured
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.permissions.modes import Mode, policy_in
from vtcode_tui.permissions.policy import Grants
from vtcode_tui.tools.base import Effect, Tool
from vtcode_tui.tools.toolbox import Toolbox, default_toolbox
from vtcode_tui.tools.update_plan import UPDATE_PLAN, UpdatePlan

if TYPE_CHECKING:
    from vtcode_tui.agent.file_access import FileAccess
    from vtcode_tui.workspace.sandbox import Sandbox

_NO_PLAN = '[agent] plan = "auto" offers it only to models that handle many tools'


def build_agent(
    client: OllamaClient,
    model: ModelChoice,
    launch: Launch,
    approve: Approver,
    files: FileAccess,
    always: AlwaysGrants,
    mode: Callable[[], Mode] = lambda: "normal",
    keeps_plan: Callable[[], bool] = lambda: False,
) -> Agent:
    """An agent with this program's tools. ``files`` gives them file access, ``mode`` the mode in
    force when a call comes; ``approve`` asks the user about calls that neither the policies nor
    ``always`` allow; ``keeps_plan`` says whether the plan tool is offered."""
    from vtcode_tui.agent.command_rules import command_guard, command_sandbox

    settings = launch.loaded.settings.tools
    sandbox = command_sandbox(launch, files.gate)
    toolbox = default_toolbox(
        files.gate.workspace,
        environment=launch.environ,
        pass_env=launch.loaded.settings.commands.pass_env or (),
        command_timeout_s=settings.command_timeout_s,
        clock=launch.clock,
        gate=files.gate,
        undo=files.undo,
        secrets=files.secrets,
        commands=command_guard(launch, files.gate, sandbox),
    )

    if launch.loaded.settings.agent.plan != "off":
        toolbox = Toolbox((*toolbox, UpdatePlan(str(files.gate.workspace.root))))

    def policy_of(tool: Tool) -> tuple[ToolPolicy, str]:
        if tool.name == UPDATE_PLAN and not keeps_plan():
            return ToolPolicy.DENY, _NO_PLAN
        policy, rule = effective_policy(settings, tool.name, only_looks=tool.effect is Effect.READ)
        held = policy_in(
            mode(),
            effect=tool.effect,
            policy=policy,
            rule=rule,
            is_configured=is_configured(settings, tool.name),
        )
        return ToolPolicy(held.policy), held.rule

    calls = CallRunner(
        toolbox, policy_of, Grants(), approve, files.watched, str(files.gate.workspace.root), always
    )
    return _agent(client, model, calls, launch, files, sandbox, mode)


def build_chat(client: OllamaClient, model: ModelChoice, launch: Launch) -> Agent:
    """An agent without tools."""

    def no_policy(_: Tool) -> tuple[ToolPolicy, str]:
        return ToolPolicy.DENY, "no tools are offered"

    return _agent(client, model, CallRunner(Toolbox(()), no_policy, Grants(), deny_all), launch)


def _agent(
    client: OllamaClient,
    model: ModelChoice,
    calls: CallRunner,
    launch: Launch,
    files: FileAccess | None = None,
    sandbox: Sandbox | None = None,
    mode: Callable[[], Mode] = lambda: "normal",
) -> Agent:
    surroundings = Surroundings(
        str(launch.workspace), launch.platform, launch.today(), launch.loaded.instructions
    )

    def prompt(with_tools: bool) -> str:
        added = files.gate.roots[1:] if files else ()
        return system_prompt(
            surroundings,
            with_tools=with_tools,
            added_directories=added,
            is_planning=mode() == "plan",
        )

    return Agent(
        client=client,
        model=model,
        calls=calls,
        system_prompt=prompt,
        clock=launch.clock,
        max_steps=launch.loaded.settings.tools.max_tool_loops,
        compact_at=launch.loaded.settings.agent.compact_at / 100,
        sandbox=sandbox,
        begin_turn=files.undo.begin_turn if files else _no_turn,
        secrets=files.secrets if files else None,
    )


def _no_turn(_: int) -> None:
    """Nothing is kept of a turn without tools."""
