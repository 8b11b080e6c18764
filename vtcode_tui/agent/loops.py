"""Watches one turn for going round: equal calls in a row, and the number of its steps. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from vtcode_tui.conversation.messages import ToolCall

REPEATS_THAT_ASK = 3
_SHOWN_CALLS = 5


class LoopWatch:
    """Allows ``max_steps`` before the user is asked, and as many again after each yes."""

    def __init__(self, max_steps: int) -> None:
        self.max_steps = max_steps
        self._last: tuple[str, str] | None = None
        self._in_a_row = 0
        self._lines: deque[str] = deque(maxlen=_SHOWN_CALLS)

    def count(self, call: ToolCall, subject: str) -> int:
        """How often in a row the turn has requested this exact call, including this time."""
        key = (call.name, call.canonical_arguments())
        self._in_a_row = self._in_a_row + 1 if key == self._last else 1
        self._last = key
        self._lines.append(f"{call.name} {subject}".rstrip())
        return self._in_a_row

    def asks_before(self, step: int) -> bool:
        """Whether the user must agree to ``step``, counted from 1."""
        return step > 1 and (step - 1) % self.max_steps == 0

    @property
    def last_calls(self) -> Sequence[str]:
        """The last few calls in one line each, the oldest first."""
        return tuple(self._lines)
