"""Derives the status line's state from a turn's events. No widget, no clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    ContextCompacted,
    Event,
    ModelLoading,
    NoticeRaised,
    ReasoningDelta,
    RetryScheduled,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    ToolCallStarted,
    ToolOutputDelta,
    TurnFinished,
    TurnStarted,
    TurnSteered,
    Usage,
    UsageUpdated,
    UserCommandFinished,
    UserCommandOutput,
    UserCommandStarted,
)
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.tui.status_line import READY, WAITING_FOR_APPROVAL


@dataclass(frozen=True, slots=True)
class TurnStatus:
    """``since`` is the clock's reading when ``state`` began, or in the future when it will end;
    None while no seconds are counted.

    ``tokens_in`` is the last request's prompt and ``tokens_out`` the sum of this turn's output,
    both from the server's counters.
    """

    state: str = READY
    since: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_per_second: float | None = None


class TurnStatusReducer:
    """Call ``apply`` for each event; it returns whether ``status`` changed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.status = TurnStatus()

    def apply(self, event: Event) -> bool:
        before = self.status
        match event:
            case TurnStarted():
                self.status = replace(before, tokens_out=None)
                self._enter("waiting for the model")
            case StepStarted():
                self._enter("waiting for the model")
            case ModelLoading():
                # The wait began with the request, not when the loading was detected.
                self.status = replace(before, state="loading model")
            case ReasoningDelta():
                self._enter("thinking")
            case TextDelta():
                self._enter("answering")
            case ToolCallRequested():
                self._enter("running tool")
            case ApprovalRequested():
                self._enter(WAITING_FOR_APPROVAL)
            case ApprovalResolved():
                self._enter("running tool")
            case ToolCallStarted():
                self._enter("running tool")
            case RetryScheduled(delay_s=delay_s):
                again_at = self._clock() + delay_s
                self.status = replace(before, state="retrying", since=again_at)
            case UsageUpdated(usage):
                self._count(usage)
            case UserCommandStarted():
                self._enter("running your command")
            case TurnFinished() | UserCommandFinished():
                self.end()
            case (
                ToolOutputDelta()
                | ToolCallFinished()
                | StepFinished()
                | ContextCompacted()
                | NoticeRaised()
                | TurnSteered()
                | UserCommandOutput()
            ):
                pass
            case _:
                assert_never(event)
        return self.status is not before

    def begin(self, state: str) -> None:
        """Show an operation outside of turns."""
        self._enter(state)

    def end(self) -> None:
        """The operation has ended."""
        self.status = replace(self.status, state=READY, since=None)

    def _enter(self, state: str) -> None:
        if self.status.state != state:
            since = None if state == WAITING_FOR_APPROVAL else self._clock()
            self.status = replace(self.status, state=state, since=since)

    def _count(self, usage: Usage) -> None:
        status = self.status
        self.status = replace(
            status,
            tokens_in=usage.prompt_tokens if usage.prompt_tokens is not None else status.tokens_in,
            tokens_out=(status.tokens_out or 0) + (usage.output_tokens or 0),
            tokens_per_second=usage.tokens_per_second or status.tokens_per_second,
        )
