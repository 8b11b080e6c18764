"""Measures each answer: time to first token, load time, speed. From events; no clock of its own."""

from __future__ import annotations

from collections.abc import Callable

from vtcode_tui.conversation.events import (
    Event,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallRequested,
    UsageUpdated,
)
from vtcode_tui.lazy_dataclass import dataclass

_MOST = 200


@dataclass(slots=True)
class AnswerTimes:
    """The times of one request in seconds; None if unknown. Load, counts and speed are the
    server's; first token and total are measured here."""

    first_token_s: float | None = None
    load_s: float | None = None
    tokens_per_second: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    total_s: float | None = None


class TurnTimes:
    """Call ``apply`` for each event. ``answers`` are the last ones, oldest first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent_at = 0.0
        self.answers: list[AnswerTimes] = []

    def apply(self, event: Event) -> None:
        match event:
            case StepStarted():
                self._sent_at = self._clock()
                self.answers = [*self.answers[1 - _MOST :], AnswerTimes()]
            case ReasoningDelta() | TextDelta() | ToolCallRequested():
                if self.answers and self.answers[-1].first_token_s is None:
                    self.answers[-1].first_token_s = self._clock() - self._sent_at
            case UsageUpdated(usage) if self.answers:
                last = self.answers[-1]
                last.tokens_in, last.tokens_out = usage.prompt_tokens, usage.output_tokens
                last.tokens_per_second = usage.tokens_per_second
                last.load_s = usage.load_s
            case StepFinished() if self.answers:
                self.answers[-1].total_s = self._clock() - self._sent_at
            case _:
                pass
