"""How a chat screen does what takes a while: in workers, and never under the model's hands."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable

from textual.screen import Screen

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.conversation.events import Event, NoticeLevel, NoticeRaised
from vtcode_tui.errors import VtcodeError

log = logging.getLogger(__name__)

Flow = Callable[[], Awaitable[None]]


class ChatFlows(Screen[None]):
    """Runs flows. The screen itself takes events in and sends the prompts that wait."""

    bench: Workbench

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self.launch = launch
        self.is_turn_running = False
        self.flow_lock = asyncio.Lock()
        """Held by what must not be done twice at a time: connecting, choosing a model."""

    def take(self, event: Event) -> None:
        """Show what happened."""
        raise NotImplementedError

    async def run_turns(self) -> None:
        """Send the prompts that wait."""
        raise NotImplementedError

    def hold_waiting(self) -> None:
        """Let the prompts that wait do so until the user sends them."""
        raise NotImplementedError

    def show_status(self) -> None:
        raise NotImplementedError

    def keep_typed(self, text: str) -> None:
        """Put what was typed into a question where prompts are written."""
        raise NotImplementedError

    def tell(self, text: str) -> None:
        """A passing word, for which the conversation is not the place."""
        raise NotImplementedError

    def notice(self, text: str) -> None:
        self.take(NoticeRaised(NoticeLevel.INFO, text))

    def warn(self, text: str) -> None:
        self.take(NoticeRaised(NoticeLevel.WARNING, text))

    def in_worker(self, flow: Flow) -> None:
        # The coroutine is made as the worker starts: none is left over where the app ends first.
        work: Flow = functools.partial(self._guarded, flow)
        self.run_worker(work, exit_on_error=False)

    def between_turns(self, flow: Flow) -> None:
        """Do it in a worker, but never under the hands of the model; prompts wait meanwhile, and are
        held where it failed or was stopped."""
        if self.is_turn_running:
            self.notice("Something is under way: stop it with Esc first, or let it end.")
            return

        async def guarded() -> None:
            try:
                await flow()
            except BaseException:
                self.hold_waiting()
                raise
            finally:
                self.is_turn_running = False
                self.show_status()
            await self.run_turns()

        self.is_turn_running = True
        self.in_worker(guarded)

    async def _guarded(self, flow: Flow) -> None:
        """Whatever goes wrong in a flow is told in the transcript and ends only that flow."""
        try:
            await flow()
        except VtcodeError as error:
            self.warn(str(error))
        except Exception as error:
            log.exception("a flow failed")
            self.warn(
                f"That did not work because of a defect in this program: {error!r}\n"
                "Your conversation is kept. Try it again, or begin anew: leave with Ctrl+Q, then"
                " vtcode-tui --continue"
            )
