"""The output of ``exec``: progress for a person, or events for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from vtcode_tui.conversation.events import (
    ContextCompacted,
    Event,
    NoticeRaised,
    RetryScheduled,
    StepFinished,
    StepStarted,
    ToolCallFinished,
    ToolCallRequested,
    TurnFinished,
)
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.headless.streams import Streams
from vtcode_tui.session.codec import encode_event
from vtcode_tui.transcript.clean import clean_line

SCHEMA = 1

_LONGEST_SUBJECT = 200


class ExecOutput(Protocol):
    def begin(self, facts: Mapping[str, JsonValue], /) -> None:
        """The session is open and the model is chosen."""
        ...

    def show(self, event: Event, /) -> None: ...

    def end(self, facts: Mapping[str, JsonValue], /) -> None:
        """Nothing more comes; ``facts`` say how it ended."""
        ...


class Answer:
    """Collects the text of a turn's last step, which is the answer."""

    def __init__(self) -> None:
        self.text = ""

    def follow(self, event: Event) -> None:
        match event:
            case StepStarted():
                self.text = ""
            case StepFinished(message=message):
                self.text = message.content
            case _:
                pass


class TextOutput:
    """Writes the answer to stdout at the end, and progress lines to stderr."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._answer = Answer()
        self._calls: dict[str, str] = {}

    def begin(self, facts: Mapping[str, JsonValue]) -> None:
        self._streams.note(f"session {facts['session']} with {facts['model']}")

    def show(self, event: Event) -> None:
        self._answer.follow(event)
        match event:
            case ToolCallRequested(call=call, subject=subject):
                line = clean_line(f"{call.name} {subject}".strip(), _LONGEST_SUBJECT)
                self._calls[call.call_id] = line
            case ToolCallFinished(call_id=call_id, result=result):
                ended = result.summary or result.outcome.value
                self._streams.note(f"{self._calls.pop(call_id, '')} · {clean_line(ended, 80)}")
            case NoticeRaised(text=text):
                self._streams.note(text)
            case RetryScheduled(delay_s=delay_s, error=error):
                self._streams.note(f"{error.what} Trying again in {delay_s:.1f} s.")
            case ContextCompacted():
                self._streams.note("older messages were summarised to make room")
            case TurnFinished(error=error):
                if error is not None:
                    self._streams.error(error)
            case _:
                pass

    def end(self, _: Mapping[str, JsonValue]) -> None:
        if self._answer.text:
            self._streams.answer(self._answer.text)
            self._streams.end_answer()


class JsonOutput:
    """Writes each event as one line of ASCII to stdout, between a ``session`` and a ``result``."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._answer = Answer()

    def begin(self, facts: Mapping[str, JsonValue]) -> None:
        self._write({"type": "session", "schema": SCHEMA, **facts})

    def show(self, event: Event) -> None:
        self._answer.follow(event)
        type_, fields = encode_event(event)
        self._write({"type": type_, **fields})

    def end(self, facts: Mapping[str, JsonValue]) -> None:
        self._write({"type": "result", "answer": self._answer.text, **facts})

    def _write(self, content: Mapping[str, JsonValue]) -> None:
        self._streams.answer(json.dumps(content) + "\n")
