"""Connects to a server, or explains why that failed and offers alternatives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ConfigError, VtcodeError
from vtcode_tui.tui.asking import ask_screen

if TYPE_CHECKING:
    from vtcode_tui.embedded.launcher import EmbeddedServer
    from vtcode_tui.tui.server_screen import (
        OtherAddress,
        Retry,
        ServerScreen,
        ServerTrouble,
        TryEmbedded,
    )

Report = Callable[[str], None]


class Connector:
    """Manages the connection, and the built-in model's server if that is used.

    ``report`` shows notices; ``under_way`` shows the current operation in a few words, and nothing
    when it is called with an empty text.
    """

    def __init__(self, bench: Workbench, launch: Launch, report: Report, under_way: Report) -> None:
        self._bench = bench
        self._launch = launch
        self._report = report
        self._under_way = under_way
        self._url: str | None = None
        self._embedded: EmbeddedServer | None = None
        self._wants_embedded = launch.use_embedded
        self.is_connected = False
        self.options: tuple[str, ...] = ()
        """The command line options that reach the server in use again; empty if the configuration
        does."""
        self._trying: asyncio.Task[None] | None = None

    @property
    def embedded_model(self) -> str | None:
        """The built-in model's name while its server is in use."""
        if self._embedded is None:
            return None
        from vtcode_tui.embedded.launcher import EMBEDDED_MODEL

        return EMBEDDED_MODEL

    async def connect(self, app: App[int], *, ask_first: bool = False) -> bool:
        """Retry until a server answers or the user gives up; return whether one answered.

        With ``ask_first`` the user may choose another server first.
        """
        from vtcode_tui.tui.server_screen import Quit, ServerTrouble

        trouble = None
        if ask_first:
            what = "Which server should be used?"
            trouble = ServerTrouble(self._bench.url, what, is_question=True)
        while True:
            if trouble is not None:
                choice = await ask_screen(app, self._screen(trouble))
                if choice is None:
                    return False
                if isinstance(choice, Quit):
                    app.exit(0)
                    return False
                self._take(choice)
            try:
                if not await self._try_until_stopped():
                    trouble = ServerTrouble(self._bench.url, "The attempt was stopped.")
                    continue
            except VtcodeError as error:
                trouble = ServerTrouble(self._bench.url, error.what, error.why, error.advice)
                continue
            self.is_connected = True
            return True

    def stop_trying(self) -> bool:
        """Cancel the current attempt; return whether there was one."""
        if self._trying is None:
            return False
        return self._trying.cancel()

    async def _try_until_stopped(self) -> bool:
        """One attempt; False if the user stopped it. Raises VtcodeError."""
        self._trying = asyncio.create_task(self._try())
        self._under_way("connecting")
        try:
            await asyncio.wait({self._trying})
            if self._trying.cancelled():
                return False
            await self._trying
        finally:
            self._trying.cancel()
            self._trying = None
            self._under_way("")
        return True

    async def close(self) -> None:
        await self._bench.close()
        if self._embedded is not None:
            await self._embedded.stop()
            self._embedded = None

    def _take(self, choice: Retry | OtherAddress | TryEmbedded) -> None:
        from vtcode_tui.tui.server_screen import OtherAddress, Retry, TryEmbedded

        match choice:
            case Retry():
                pass
            case OtherAddress(text):
                self._url = text
                self._wants_embedded = False
            case TryEmbedded():
                self._wants_embedded = True
            case _:
                assert_never(choice)

    async def _try(self) -> None:
        """Make one attempt. Raises VtcodeError."""
        url = self._url
        if self._wants_embedded:
            try:
                url = await self._start_embedded()
            except VtcodeError:
                self._wants_embedded = False
                raise
        elif self._embedded is not None:
            await self._embedded.stop()
            self._embedded = None
        is_embedded = self._embedded is not None
        for notice in await self._bench.connect(url, is_embedded=is_embedded):
            self._report(notice)
        if is_embedded:
            self.options = ("--embedded",)
        elif self._url is not None or self._is_given():
            self.options = ("--base-url", self._bench.url)
        else:
            self.options = ()
        await self._bench.models()

    def _is_given(self) -> bool:
        origin = self._launch.loaded.origins.get("providers.ollama.base_url")
        return origin is not None and origin.layer == "cli"

    async def _start_embedded(self) -> str:
        from vtcode_tui.embedded.launcher import EmbeddedServer

        if self._embedded is None:
            server = EmbeddedServer()
            self._embedded_url = await server.start(self._launch.cache_dir, self._starting)
            self._embedded = server
        return self._embedded_url

    def _starting(self, what: str) -> None:
        """Show a progress line of the built-in model's server, such as "Loading the built-in
        model"."""
        self._under_way(what[:1].lower() + what[1:])

    def _screen(self, trouble: ServerTrouble) -> ServerScreen:
        from vtcode_tui.embedded.launcher import INSTALL_COMMAND, is_available
        from vtcode_tui.tui.server_screen import ServerScreen

        command = "" if is_available() else INSTALL_COMMAND
        before = self._bench.session_server
        return ServerScreen(
            trouble,
            install_command=command,
            before=before if before != trouble.address else "",
            fault_of=fault_of_address,
        )


def fault_of_address(text: str) -> str:
    """What is wrong with an address that the user typed, or empty."""
    from vtcode_tui.ollama.address import parse_address

    try:
        parse_address(text)
    except ConfigError as error:
        return error.why
    return ""
