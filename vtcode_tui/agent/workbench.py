"""What a door works with: the link to a server, the chosen model, and the agent on them.

Knows no screen. The client is imported at the first connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import VtcodeError

if TYPE_CHECKING:
    from vtcode_tui.agent.agent import Agent, ModelChoice
    from vtcode_tui.agent.calls import Approver
    from vtcode_tui.ollama.link import ModelList, ServerLink
    from vtcode_tui.ollama.types import InstalledModel

DEFAULT_URL = "http://localhost:11434"


class Workbench:
    """Connects, chooses a model, and keeps one agent whose conversation outlives both.

    Without ``approve`` there is nobody to ask, and the agent is offered no tools.
    """

    def __init__(self, launch: Launch, approve: Approver | None = None) -> None:
        self.launch = launch
        self._approve = approve
        self._link: ServerLink | None = None
        self.agent: Agent | None = None
        self.model: InstalledModel | None = None
        self.effort: str | None = launch.loaded.settings.agent.reasoning_effort

    @property
    def configured_url(self) -> str:
        return self.launch.loaded.settings.providers.ollama.base_url or DEFAULT_URL

    @property
    def url(self) -> str:
        """The address in use, or the one that will be."""
        return self._link.address.url if self._link else self.configured_url

    @property
    def link(self) -> ServerLink:
        """The link in use. Raises VtcodeError when ``connect`` was not called yet."""
        if self._link is None:
            raise VtcodeError("There is no connection to a server yet.")
        return self._link

    async def connect(self, url: str | None = None, *, send_key: bool = True) -> tuple[str, ...]:
        """Make a client for ``url``, or the configured address; gives notices for the user.

        Nothing is sent yet. Raises ConfigError for an address that is none.
        """
        from vtcode_tui.ollama.address import parse_address
        from vtcode_tui.ollama.link import ServerLink

        address = parse_address(url or self.configured_url)
        key = self.launch.loaded.settings.providers.ollama.api_key if send_key else None
        await self.close()
        self._link = ServerLink(address, key.get_secret_value() if key else None)
        if self.agent is not None:
            self.agent.client = self._link.client
        return (*address.notices, *self._link.client.notices)

    async def models(self) -> ModelList:
        """The server's models. Raises ServerError, such as ServerUnreachable."""
        return await self.link.models()

    async def choose(self, name: str, effort: str | None) -> Agent:
        """Use ``name`` with ``effort`` from now on; the conversation goes on. Never asks twice."""
        from vtcode_tui.agent.agent import ModelChoice
        from vtcode_tui.ollama.thinking import think_value

        model = await self.link.model(self.link.wire_name(name))
        settings = self.launch.loaded.settings.providers.ollama
        choice = ModelChoice(
            name=model.name,
            think=think_value(
                effort, name=model.name, family=model.family, capabilities=model.capabilities
            ),
            offers_tools=model.capabilities is None or "tools" in model.capabilities,
            keep_alive=settings.keep_alive,
        )
        self.model, self.effort = model, effort
        if self.agent is None:
            self.agent = self._build(choice)
        self.agent.model = choice
        return self.agent

    def _build(self, choice: ModelChoice) -> Agent:
        from vtcode_tui.agent.assembly import build_agent, build_chat

        launch = self.launch
        if self._approve is None:
            return build_chat(self.link.client, choice, launch)
        return build_agent(self.link.client, choice, launch, self._approve)

    async def close(self) -> None:
        """End the connections. The conversation stays."""
        if self._link is not None:
            await self._link.close()
            self._link = None
