"""Which failed or blank replies are requested again, how often and when. The user is told of each
retry.

A request is repeated automatically only if nothing of its answer has arrived and no tool of its
turn has had an effect. The delays suit a local server that starts and a gateway that recovers.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from vtcode_tui.agent.step import Reply
from vtcode_tui.conversation.events import Event, NoticeLevel, NoticeRaised, RetryScheduled
from vtcode_tui.errors import ServerBusy, ServerError, ServerUnreachable, ToolCallUnreadable

Pause = Callable[[float], Awaitable[None]]

_UNREACHABLE_S = (0.5, 1.0, 2.0)
_LOOPBACK_S = (0.5,)  # Nothing on this machine is about to come back by itself.
_GATEWAY_S = (1.0, 2.0, 4.0, 8.0)
_LIMITED_TRIES = 2
_JITTER = 0.25
_UNREADABLE_S = 1.0
_ASKED_AGAIN = (
    "The model ended its reply without an answer, as when it writes a call that the server drops."
    " It is asked once more."
)
_BLANK_AGAIN = "The model gave no answer again. Say it in other words, or choose another model."


def waits_after(error: ServerError, *, is_loopback: bool) -> tuple[float, ...]:
    """The delays in seconds before each retry of a request that failed with ``error`` before its
    answer began; empty if it is not retried."""
    if not error.may_retry:
        return ()
    match error:
        case ServerUnreachable():
            return _LOOPBACK_S if is_loopback else _UNREACHABLE_S
        case ServerBusy() if error.retry_after_s is not None:
            return (error.retry_after_s,) * _LIMITED_TRIES
        case ServerBusy():
            return _GATEWAY_S
        case _:
            return ()


class Retries:
    """Decides on retries of one reply. ``pause`` sleeps for seconds and can be cancelled."""

    def __init__(
        self, emit: Callable[[Event], None], pause: Pause = asyncio.sleep, *, is_loopback: bool
    ) -> None:
        self._emit = emit
        self._pause = pause
        self._is_loopback = is_loopback
        self._failures = 0
        self._blanks = 0
        self._unreadable = 0

    async def of_failure(self, error: ServerError) -> bool:
        """Whether to send the request again after it failed before its answer; waits first."""
        waits = waits_after(error, is_loopback=self._is_loopback)
        if self._failures >= len(waits):
            return False
        delay_s = waits[self._failures] * (1 + _JITTER * random.random())  # noqa: S311 - no secret
        self._failures += 1
        self._emit(RetryScheduled(self._failures, delay_s, error))
        await self._pause(delay_s)
        return True

    def of_blank(self, reply: Reply) -> bool:
        """Whether to ask again after a reply with neither answer nor call."""
        if not reply.is_blank:
            return False
        self._blanks += 1
        is_first = self._blanks == 1
        text = _ASKED_AGAIN if is_first else _BLANK_AGAIN
        self._emit(NoticeRaised(NoticeLevel.WARNING, text))
        return is_first

    async def of_unreadable(self, error: ToolCallUnreadable) -> bool:
        """Whether to ask again after the server could not parse a call; waits first."""
        self._unreadable += 1
        if self._unreadable > 1:
            return False
        self._emit(RetryScheduled(self._unreadable, _UNREADABLE_S, error))
        await self._pause(_UNREADABLE_S)
        return True
