"""Puts an agent together from what the user configured, for a screen or a command line."""

from __future__ import annotations

from vtcode_tui.agent.agent import Agent, ModelChoice
from vtcode_tui.agent.calls import Approver, CallRunner, deny_all
from vtcode_tui.agent.system_prompt import Surroundings, system_prompt
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.policies import ToolPolicy, effective_policy
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.permissions.policy import Grants
from vtcode_tui.tools.base import Effect, Tool
from vtcode_tui.tools.toolbox import Toolbox, default_toolbox
from vtcode_tui.workspace.root import Workspace


def build_agent(
    client: OllamaClient, model: ModelChoice, launch: Launch, approve: Approver
) -> Agent:
    """An agent with this program's tools, confined to the workspace, under the user's policies.

    ``approve`` asks the user.
    """
    settings = launch.loaded.settings.tools
    toolbox = default_toolbox(
        Workspace(launch.workspace),
        environment=launch.environ,
        command_timeout_s=settings.command_timeout_s,
    )

    def policy_of(tool: Tool) -> tuple[ToolPolicy, str]:
        return effective_policy(settings, tool.name, only_looks=tool.effect is Effect.READ)

    return _agent(client, model, CallRunner(toolbox, policy_of, Grants(), approve), launch)


def build_chat(client: OllamaClient, model: ModelChoice, launch: Launch) -> Agent:
    """An agent without tools, which only answers."""

    def no_policy(_: Tool) -> tuple[ToolPolicy, str]:
        return ToolPolicy.DENY, "no tools are offered"

    return _agent(client, model, CallRunner(Toolbox(()), no_policy, Grants(), deny_all), launch)


def _agent(client: OllamaClient, model: ModelChoice, calls: CallRunner, launch: Launch) -> Agent:
    surroundings = Surroundings(str(launch.workspace), launch.platform, launch.today())
    return Agent(
        client=client,
        model=model,
        calls=calls,
        system_prompt=lambda with_tools: system_prompt(surroundings, with_tools=with_tools),
        clock=launch.clock,
    )
