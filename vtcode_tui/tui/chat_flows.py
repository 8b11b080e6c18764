"""Runs a chat screen's longer operations in workers, never while the model works."""

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
from vtcode_tui.tui.lazy_compositor import LazyCompositor

log = logging.getLogger(__name__)

Flow = Callable[[], Awaitable[None]]


class ChatFlows(Screen[None]):
    """Runs flows. The screen itself consumes events and sends the queued prompts."""

    bench: Workbench

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self._compositor = LazyCompositor()
        self.launch = launch
        self.is_turn_running = False
        self.flow_lock = asyncio.Lock()
        """Held by flows that must not run twice at a time: connecting, choosing a model."""
        self.is_there = {"session": asyncio.Event(), "model": asyncio.Event()}
        """Set once the start has brought what commands wait for, or given up on it."""

    def take(self, event: Event) -> None:
        """Show an event."""
        raise NotImplementedError

    async def run_turns(self) -> None:
        """Send the queued prompts."""
        raise NotImplementedError

    def hold_waiting(self) -> None:
        """Hold the queued prompts until the user sends them."""
        raise NotImplementedError

    def show_status(self) -> None:
        raise NotImplementedError

    def keep_typed(self, text: str) -> None:
        """Put text that was typed into a dialog into the composer."""
        raise NotImplementedError

    def tell(self, text: str) -> None:
        """Show a short message that is not part of the conversation."""
        raise NotImplementedError

    def notice(self, text: str) -> None:
        self.take(NoticeRaised(NoticeLevel.INFO, text))

    def warn(self, text: str) -> None:
        self.take(NoticeRaised(NoticeLevel.WARNING, text))

    def in_worker(self, flow: Flow) -> None:
        # The coroutine is created when the worker starts, so that none is left unawaited if the app
        # exits first.
        work: Flow = functools.partial(self._guarded, flow)
        self.run_worker(work, exit_on_error=False)

    def between_turns(self, flow: Flow) -> None:
        """Run ``flow`` in a worker, but not during a turn. Prompts wait meanwhile, and are held if
        it fails or is stopped."""
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
        """Run a flow; an error is shown in the transcript and ends only that flow."""
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
