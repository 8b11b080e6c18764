"""Emits the events of one turn and tracks which tool calls are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vtcode_tui.agent.recording import NO_RECORDER, Recorder
from vtcode_tui.conversation.events import (
    Event,
    ToolCallFinished,
    ToolCallRequested,
    ToolCallStarted,
)
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult

_NOT_RUN = "Not run: the user interrupted the turn."
_CUT_SHORT = "Interrupted by the user while it ran. What it had done by then stays done."
_BROKEN_OFF = {
    _NOT_RUN: "Not run: the reply that asks for it did not come to its end.",
    _CUT_SHORT: "Stopped while it ran. What it had done by then stays done.",
}


class Emitter:
    """Calling it emits one event, which is recorded before it is delivered. ``close_calls`` at the
    end of a turn guarantees that each requested call is finished exactly once."""

    def __init__(self, deliver: Callable[[Event], None], recorder: Recorder = NO_RECORDER) -> None:
        self.recorder = recorder
        self._deliver = deliver
        self._open: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case ToolCallRequested():
                self._open[event.call.call_id] = _NOT_RUN
            case ToolCallStarted():
                self._open[event.call_id] = _CUT_SHORT
            case ToolCallFinished():
                self._open.pop(event.call_id, None)
            case _:
                pass
        self.recorder.record(event)
        self._deliver(event)

    def close_calls(self, *, by_user: bool) -> Mapping[str, str]:
        """Finish every open call as cancelled, by the user or by a failure; return the model's text
        for each, by call id."""
        closed = {
            call_id: text if by_user else _BROKEN_OFF[text] for call_id, text in self._open.items()
        }
        for call_id, text in closed.items():
            result = ToolResult(Outcome.CANCELLED, text, TextDisplay(text), summary="cancelled")
            self(ToolCallFinished(call_id, result))
        return closed
