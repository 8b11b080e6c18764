"""The output formats of ``ask``: text, one JSON object, or one JSON object per line.

The objects have the shape of Ollama's ``/api/chat``: ``message`` with ``content``, ``thinking`` and
``tool_calls``, then ``done_reason`` and the counters, times in nanoseconds.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import Literal, Protocol, TypeAlias

from vtcode_tui.conversation.events import Usage
from vtcode_tui.conversation.messages import AssistantMessage, JsonValue
from vtcode_tui.headless.streams import Streams
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.types import message_to_json

OutputFormat: TypeAlias = Literal["text", "json", "stream-json"]

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. ``done_reason`` is the server's, such as ``stop`` or ``length``."""

    model: str
    message: AssistantMessage
    done_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)


class Output(Protocol):
    """Consumes deltas, then the complete answer once."""

    def thinking(self, text: str) -> None: ...

    def text(self, text: str) -> None: ...

    def finish(self, answer: Answer) -> None: ...

    def fail(self, what: str, /) -> None:
        """The answer broke off; ``what`` is said on stderr too."""


def output_for(form: OutputFormat, streams: Streams, model: str) -> Output:
    match form:
        case "text":
            return TextOutput(streams)
        case "json":
            return JsonOutput(streams)
        case "stream-json":
            return StreamJsonOutput(streams, model)


@dataclass(slots=True)
class TextOutput:
    """The streamed answer, and the thinking on stderr."""

    streams: Streams
    _was_thinking: bool = False

    def thinking(self, text: str) -> None:
        self._was_thinking = True
        self.streams.thinking(text)

    def text(self, text: str) -> None:
        if self._was_thinking:
            self.streams.thinking("\n\n")
            self._was_thinking = False
        self.streams.answer(text)

    def finish(self, answer: Answer) -> None:
        self.streams.end_answer()
        for call in answer.message.tool_calls:
            self.streams.note(f"the model calls {call.name} {call.canonical_arguments()}")
        if answer.done_reason == "length":
            self.streams.note("the answer was cut off at the model's output limit")

    def fail(self, _: str, /) -> None:
        self.streams.end_answer()


@dataclass(slots=True)
class JsonOutput:
    """One object at the end, and nothing if there is no answer."""

    streams: Streams

    def thinking(self, text: str) -> None:
        """It is in the object."""

    def text(self, text: str) -> None:
        """It is in the object."""

    def finish(self, answer: Answer) -> None:
        message = message_to_json(answer.message)
        self.streams.answer(_line({"model": answer.model, "message": message, **_end(answer)}))

    def fail(self, _: str, /) -> None:
        """stderr tells of it."""


@dataclass(slots=True)
class StreamJsonOutput:
    """One line per delta, then a line with the calls, then one with ``done``, or with ``error``."""

    streams: Streams
    model: str

    def thinking(self, text: str) -> None:
        self._part({"role": "assistant", "content": "", "thinking": text})

    def text(self, text: str) -> None:
        self._part({"role": "assistant", "content": text})

    def finish(self, answer: Answer) -> None:
        if answer.message.tool_calls:
            self._part(message_to_json(AssistantMessage(tool_calls=answer.message.tool_calls)))
        message: dict[str, JsonValue] = {"role": "assistant", "content": ""}
        self.streams.answer(_line({"model": answer.model, "message": message, **_end(answer)}))

    def fail(self, what: str, /) -> None:
        self.streams.answer(_line({"error": what}))

    def _part(self, message: dict[str, JsonValue]) -> None:
        self.streams.answer(_line({"model": self.model, "message": message, "done": False}))


def _end(answer: Answer) -> dict[str, JsonValue]:
    """The last line's counters, without those that the server left out."""
    usage = answer.usage
    counters: dict[str, JsonValue] = {
        "total_duration": _nanoseconds(usage.total_s),
        "load_duration": _nanoseconds(usage.load_s),
        "prompt_eval_count": usage.prompt_tokens,
        "prompt_eval_duration": _nanoseconds(usage.prompt_s),
        "eval_count": usage.output_tokens,
        "eval_duration": _nanoseconds(usage.output_s),
    }
    known = {name: value for name, value in counters.items() if value is not None}
    return {"done": True, "done_reason": answer.done_reason, **known}


def _nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * _NS)


def _line(fields: dict[str, JsonValue]) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"
