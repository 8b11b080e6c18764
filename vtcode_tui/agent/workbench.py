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
    from vtcode_tui.ollama.fit import MemoryNeed
    from vtcode_tui.ollama.link import ModelList, ServerLink
    from vtcode_tui.ollama.types import InstalledModel
    from vtcode_tui.ollama.window import Window

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
        self.window: Window | None = None
        self.memory_need: MemoryNeed | None = None
        self._windows: dict[str, Window] = {}
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

    def use(self, launch: Launch) -> None:
        """Go on with other settings, such as those that the user has come to trust."""
        self.launch = launch
        self.effort = launch.loaded.settings.agent.reasoning_effort

    async def connect(self, url: str | None = None) -> tuple[str, ...]:
        """Make a client for ``url``, or the configured address; gives notices for the user.

        The key goes along only to the origin that it was set for. Nothing is sent yet. Raises
        ConfigError for an address that is none, for a key that others could read on its way, and
        while the project waits for the user's trust.
        """
        from vtcode_tui.agent.key_origin import checked_key, key_notices
        from vtcode_tui.agent.trusting import refusal
        from vtcode_tui.ollama.address import parse_address
        from vtcode_tui.ollama.link import ServerLink

        loaded = self.launch.loaded
        if loaded.pending_trust is not None:
            raise refusal(loaded.pending_trust)
        address = parse_address(url or self.configured_url)
        key = checked_key(address, loaded, allows_insecure_http=self.launch.allows_insecure_http)
        await self.close()
        self._link = ServerLink(address, key.get_secret_value() if key else None)
        if self.agent is not None:
            self.agent.client = self._link.client
        notices = key_notices(address, loaded)
        return (*address.notices, *notices, *self._link.client.notices)

    async def models(self) -> ModelList:
        """The server's models. Raises ServerError, such as ServerUnreachable."""
        return await self.link.models()

    async def choose(self, name: str, effort: str | None) -> Agent:
        """Use ``name`` with ``effort`` from now on; the conversation goes on. Never asks twice."""
        from vtcode_tui.agent.agent import ModelChoice
        from vtcode_tui.ollama.thinking import think_value

        model = await self.link.model(name)
        settings = self.launch.loaded.settings.providers.ollama
        window = await self._window(model)
        choice = ModelChoice(
            name=name,
            think=think_value(
                effort, name=name, family=model.family, capabilities=model.capabilities
            ),
            offers_tools=model.capabilities is None or "tools" in model.capabilities,
            options={} if window.num_ctx is None else {"num_ctx": window.num_ctx},
            keep_alive=settings.keep_alive,
        )
        self.model, self.window, self.effort = model, window, effort
        if self.agent is None:
            self.agent = self._build(choice)
        self.agent.model = choice
        return self.agent

    async def _window(self, model: InstalledModel) -> Window:
        """The context window for ``model``: chosen once, since a change reloads the model."""
        from vtcode_tui.ollama.window import choose_window, window_facts

        asked = self.launch.loaded.settings.providers.ollama.num_ctx
        if model.name not in self._windows:
            facts = window_facts(
                model,
                await self.link.details(model.name),
                memory_bytes=self.launch.memory_bytes if self.link.address.is_loopback else None,
                is_cloud=self.link.address.is_cloud,
            )
            self.memory_need = facts.need
            self._windows[model.name] = choose_window(facts, asked)
        return self._windows[model.name]

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
