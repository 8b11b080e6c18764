"""What a door works with: the connection to a server, the chosen model, and the agent.

Knows no screen. The client is imported at the first connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from vtcode_tui.agent.recording import NO_RECORDER, Recorder
from vtcode_tui.agent.speeds import Speeds, tells_a_speed
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ServerError, VtcodeError, WorkspaceError
from vtcode_tui.session.settings import SessionSettings

if TYPE_CHECKING:
    from vtcode_tui.agent.agent import Agent
    from vtcode_tui.agent.calls import Approver
    from vtcode_tui.agent.file_access import FileAccess
    from vtcode_tui.agent.model_choice import ModelChoice
    from vtcode_tui.conversation.events import Usage
    from vtcode_tui.ollama.address import ServerAddress
    from vtcode_tui.ollama.fit import MemoryNeed
    from vtcode_tui.ollama.link import ModelList, ServerLink
    from vtcode_tui.ollama.types import InstalledModel
    from vtcode_tui.ollama.window import Window
    from vtcode_tui.permissions.modes import Mode
    from vtcode_tui.session.recorder import Past

from vtcode_tui.workspace.known_secrets import KnownSecrets

DEFAULT_URL = "http://localhost:11434"

_LONGEST_LOOK_S = 1.0


class Workbench:
    """Connects, chooses a model, and keeps one agent whose conversation survives changes of both.

    Without ``approve`` no user can be asked, and the agent gets no tools.
    """

    def __init__(self, launch: Launch, approve: Approver | None = None) -> None:
        self.launch = launch
        self._approve = approve
        self.secrets = KnownSecrets()
        self._learn_secrets()
        self._link: ServerLink | None = None
        self._server = ""
        self.session_server = ""
        """The address that the session was held with before, for the user to choose."""
        self.agent: Agent | None = None
        self._files: FileAccess | None = None
        self._opening_files = asyncio.Lock()
        self.model: InstalledModel | None = None
        self.window: Window | None = None
        self.memory_need: MemoryNeed | None = None
        self._windows: dict[str, Window] = {}
        self._asked_windows: dict[str, int] = {}
        self.speeds = Speeds(launch.state_dir)
        self._unlisted: dict[str, Usage] = {}
        self.recorder: Recorder = NO_RECORDER
        self._past: Past | None = None
        self.used: dict[str, str | None] = {}
        """The models used in this run with their efforts, in the order of their first use."""
        self.mode: Mode = "normal"
        """What tools may do now beyond or short of their policies; may be changed at any time."""
        self.effort: str | None = launch.loaded.settings.agent.reasoning_effort

    @property
    def configured_url(self) -> str:
        return self.launch.loaded.settings.providers.ollama.base_url or DEFAULT_URL

    @property
    def url(self) -> str:
        """The address in use, or the one that will be used."""
        return self._link.address.url if self._link else self.configured_url

    @property
    def address(self) -> ServerAddress | None:
        """The address of the current server; None before the first connection."""
        return self._link.address if self._link else None

    @property
    def link(self) -> ServerLink:
        """The current link. Raises VtcodeError before ``connect``."""
        if self._link is None:
            raise VtcodeError(
                "There is no connection to a server yet.",
                why="None was made, or the last attempt failed.",
                advice="Connect: /server",
            )
        return self._link

    async def files(self) -> FileAccess:
        """File access, opened once.

        Raises WorkspaceError if a directory cannot be opened.
        """
        from vtcode_tui.agent.file_access import open_file_access

        async with self._opening_files:
            if self._files is None:
                self._files = await asyncio.to_thread(open_file_access, self.launch, self.secrets)
            return self._files

    def use(self, launch: Launch) -> None:
        """Use other settings, for instance after the user approved the project's."""
        self.launch = launch
        self._learn_secrets()
        self.effort = launch.loaded.settings.agent.reasoning_effort

    async def learn_secrets_of(self, command: str) -> None:
        """Learn the secrets in files that ``command`` may print, where there are any."""
        with contextlib.suppress(WorkspaceError):
            files = await self.files()
            await asyncio.to_thread(files.learn_secrets, command)

    def _learn_secrets(self) -> None:
        """Learn the secrets in the settings: keys, and variables passed to commands."""
        loaded = self.launch.loaded
        self.secrets.add(
            key.secret.get_secret_value() for key in loaded.keys if key.secret is not None
        )
        if passed := loaded.settings.commands.pass_env:
            from vtcode_tui.workspace.environment import passed_settings

            self.secrets.learn(passed_settings(self.launch.environ, passed))

    def go_on(self, recorder: Recorder, past: Past) -> None:
        """Record to another session and continue its conversation.

        Its context window is kept for its model; choosing the model is up to the caller.
        """
        self.recorder, self._past = recorder, past
        settings = past.settings
        self.session_server = settings.server
        if settings.num_ctx is not None:
            self._asked_windows[settings.model] = settings.num_ctx
            self._windows.pop(settings.model, None)
        if self.agent is not None:
            self._hand_over(self.agent)

    def _hand_over(self, agent: Agent) -> None:
        agent.recorder = self.recorder
        past, self._past = self._past, None
        if past is not None:
            agent.restore(past.messages, turns=past.turns, grants=past.grants)
            self._record_settings()

    def _record_settings(self) -> None:
        if self.model is not None and self.window is not None:
            self.recorder.record_settings(
                SessionSettings(self.model.name, self.effort, self.window.num_ctx, self._server)
            )

    async def connect(
        self, url: str | None = None, *, is_embedded: bool = False
    ) -> tuple[str, ...]:
        """Create a client for ``url`` or the configured address; return notices for the user.

        With ``is_embedded`` the address belongs to this run's own server. A key is sent only to the
        origin that it was set for. Nothing is sent yet. Raises ConfigError for an invalid address,
        for a key that would cross the network unencrypted, and while the project is not trusted.
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
        self._server = "" if is_embedded else address.url
        if self.agent is not None:
            self.agent.exchange.client = self._link.client
        notices = key_notices(address, loaded)
        return (*address.notices, *notices, *self._link.client.notices)

    async def models(self) -> ModelList:
        """The server's models. Raises ServerError, such as ServerUnreachable."""
        return await self.link.models()

    async def choose(self, name: str, effort: str | None) -> Agent:
        """Use the model ``name`` with ``effort`` from now on; the conversation continues. Asks the
        server at most once."""
        choice = await self.choice(name, effort)
        if self.agent is None:
            self.agent = await self._build(choice)
            self.agent.exchange.note_refusal = self._note_refusal
            self.agent.exchange.note_usage = self._note_usage
            self._hand_over(self.agent)
        self.agent.model = choice
        self.used[choice.name] = effort
        self._record_settings()
        return self.agent

    async def set_window(self, num_ctx: int | None) -> Window:
        """Set the context window of the current model, None for automatic; kept for the session.

        Raises VtcodeError if no model is chosen.
        """
        if self.agent is None or self.model is None:
            raise VtcodeError(
                "No model is chosen yet.",
                why="A context window is that of a model.",
                advice="Choose one: /model",
            )
        name = self.model.name
        self._windows.pop(name, None)
        if num_ctx is None:
            self._asked_windows.pop(name, None)
        else:
            self._asked_windows[name] = num_ctx
        await self.choose(self.agent.model.name, self.effort)
        return await self._window(self.model)

    @property
    def memory_bytes(self) -> int | None:
        """This machine's memory if the server runs on it, else None."""
        link = self._link
        return self.launch.memory_bytes if link is not None and link.address.is_loopback else None

    async def choice(self, name: str, effort: str | None) -> ModelChoice:
        """``name`` with its request options, according to what the server says it can do."""
        from vtcode_tui.agent.model_choice import ModelChoice, tool_mode
        from vtcode_tui.ollama.thinking import think_value

        model = await self.link.model(name)
        settings = self.launch.loaded.settings
        window = await self._window(model)
        think = think_value(effort, name=name, family=model.family, capabilities=model.capabilities)
        self.model, self.window, self.effort = model, window, effort
        return ModelChoice(
            name=name,
            think=think if model.may_have("thinking") else None,
            tool_mode=tool_mode(model, settings.agent.text_tools),
            reads_text_calls=settings.agent.text_tools != "off",
            options={} if window.num_ctx is None else {"num_ctx": window.num_ctx},
            keep_alive=settings.providers.ollama.keep_alive,
            sees_images=model.may_have("vision"),
            remote_host=model.remote_host,
        )

    def _note_refusal(self, name: str, feature: str) -> None:
        if self._link is not None:
            self._link.note_refusal(name, feature)

    def _note_usage(self, name: str, usage: Usage) -> None:
        if self._link is None or not self._link.address.is_loopback or not tells_a_speed(usage):
            return
        digest = self._link.digest_of(name)
        if digest:
            self.speeds.note(digest, usage)
        else:
            self._unlisted[name] = usage

    async def _note_unlisted(self) -> None:
        """Look up the model's digest after its answer if the list of models was never read; speeds
        are stored by digest."""
        unlisted, self._unlisted = self._unlisted, {}
        if self._link is None or not unlisted:
            return
        try:
            async with asyncio.timeout(_LONGEST_LOOK_S):
                await self._link.models()
        except (ServerError, TimeoutError):
            return
        for name, usage in unlisted.items():
            self.speeds.note(self._link.digest_of(name), usage)

    async def _window(self, model: InstalledModel) -> Window:
        """The context window for ``model``. Chosen once, since a change reloads the model."""
        from vtcode_tui.ollama.window import choose_window, window_facts

        configured = self.launch.loaded.settings.providers.ollama.num_ctx
        asked = self._asked_windows.get(model.name, configured)
        if model.name not in self._windows:
            facts = window_facts(
                model,
                await self.link.details(model.name),
                memory_bytes=self.memory_bytes,
                is_cloud=self.link.address.is_cloud,
            )
            self.memory_need = facts.need
            self._windows[model.name] = choose_window(facts, asked)
        return self._windows[model.name]

    async def _build(self, choice: ModelChoice) -> Agent:
        from vtcode_tui.agent.always_grants import open_always_grants
        from vtcode_tui.agent.assembly import build_agent, build_chat

        launch = self.launch
        if self._approve is None:
            return build_chat(self.link.client, choice, launch)
        files = await self.files()
        always = await asyncio.to_thread(open_always_grants, launch)
        mode = lambda: self.mode  # noqa: E731 - the mode at the time of a call
        return build_agent(
            self.link.client,
            choice,
            launch,
            self._approve,
            files,
            always,
            mode,
            keeps_plan=lambda: self.keeps_plan,
        )

    @property
    def keeps_plan(self) -> bool:
        """Whether the current model is offered the plan tool."""
        from vtcode_tui.agent.model_choice import handles_many_tools

        wanted = self.launch.loaded.settings.agent.plan
        if wanted != "auto":
            return wanted == "on"
        if self.agent is None or self.agent.model.tool_mode != "native" or self.model is None:
            return False
        is_cloud = self.address is not None and self.address.is_cloud
        return is_cloud or handles_many_tools(self.model)

    async def close(self) -> None:
        """Close the connections. The conversation stays."""
        await self._note_unlisted()
        await self.speeds.close()
        if self._link is not None:
            await self._link.close()
            self._link = None
