"""Runs the commands that the user writes behind ``!`` in the prompt, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from vtcode_tui.conversation.events import Event
from vtcode_tui.conversation.prompts import Attachment
from vtcode_tui.conversation.results import Outcome

if TYPE_CHECKING:
    from vtcode_tui.agent.workbench import Workbench


class CommandScreen(Protocol):
    """What the runner needs of its screen."""

    bench: Workbench

    def notice(self, text: str) -> None: ...
    def take(self, event: Event) -> None: ...


class UserCommandRunner:
    """``attach`` gets a command's output, to be sent with the next prompt."""

    def __init__(self, screen: CommandScreen, attach: Callable[[Attachment], None]) -> None:
        self._screen = screen
        self._attach = attach
        self._running: asyncio.Task[object] | None = None

    async def run(self, text: str) -> None:
        """Run the command after ``!``; after ``!!`` its output is not attached."""
        from vtcode_tui.agent.user_commands import output_attachment, run_user_command

        is_private = text.startswith("!!")
        command = text[2 if is_private else 1 :].strip()
        if not command:
            self._screen.notice("Write a command behind the !, as in !git status")
            return
        bench = self._screen.bench
        recorder = bench.recorder

        def emit(event: Event) -> None:
            recorder.record(event)
            self._screen.take(event)

        running = asyncio.create_task(
            run_user_command(
                command, bench.launch, emit, bench.secrets, learn=bench.learn_secrets_of
            )
        )
        self._running = running
        try:
            result = await asyncio.shield(running)
        except asyncio.CancelledError:
            running.cancel()
            await running
            raise
        finally:
            self._running = None
        await recorder.saved()
        if not is_private and result.outcome is not Outcome.CANCELLED:
            self._attach(output_attachment(command, result))

    def stop(self) -> bool:
        """Stop the running command; return whether there was one."""
        if self._running is None:
            return False
        self._running.cancel()
        return True
