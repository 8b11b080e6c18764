"""Which ends of a reply are worth another try: each once for a reply, and told to the user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vtcode_tui.agent.step import Reply
from vtcode_tui.conversation.events import Event, NoticeLevel, NoticeRaised, RetryScheduled
from vtcode_tui.errors import ToolCallUnreadable

_DELAY_S = 1.0
_ASKED_AGAIN = (
    "The model ended its reply without an answer, as when it writes a call that the server drops."
    " It is asked once more."
)
_BLANK_AGAIN = "The model gave no answer again. Say it in other words, or choose another model."


class Retries:
    """For the tries at one reply."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._blanks = 0
        self._unreadable = 0

    def of_blank(self, reply: Reply) -> bool:
        """Whether to ask again after a reply without an answer and without a call."""
        if not reply.is_blank:
            return False
        self._blanks += 1
        is_first = self._blanks == 1
        text = _ASKED_AGAIN if is_first else _BLANK_AGAIN
        self._emit(NoticeRaised(NoticeLevel.WARNING, text))
        return is_first

    async def of_unreadable(self, error: ToolCallUnreadable) -> bool:
        """Whether to ask again, after a moment, where the server could not read a call."""
        self._unreadable += 1
        if self._unreadable > 1:
            return False
        self._emit(RetryScheduled(self._unreadable, _DELAY_S, error))
        await asyncio.sleep(_DELAY_S)
        return True
