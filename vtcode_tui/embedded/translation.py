"""Converts llama.cpp's OpenAI chunks to the lines of an Ollama stream. No I/O.

A chunk holds ``choices[0].delta`` with ``reasoning_content``, ``content`` or ``tool_calls``, whose
``arguments`` are pieces of a JSON text; while a prompt is read it holds only ``prompt_progress``.
The last one has ``finish_reason`` and ``timings`` in milliseconds. An Ollama line holds deltas of
``thinking`` and ``content``, calls whole with their arguments as an object, and at the end
``done`` with the counters, times in nanoseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.embedded.chat_request import JsonDict
from vtcode_tui.embedded.faults import ApiFault

_NS_PER_MS = 1_000_000


@dataclass(slots=True)
class _GrowingCall:
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class ReplyTranslator:
    """One reply. ``now`` gives ``created_at``, ``new_call_id`` an id for each call.

    ``is_one_line`` ends the text with its first line: what a model this small writes below a result
    that it repeated is a pattern run wild. Raises ApiFault for a chunk that is an error.
    """

    def __init__(
        self,
        model: str,
        now: Callable[[], str],
        new_call_id: Callable[[], str],
        *,
        is_one_line: bool = False,
    ) -> None:
        self.is_over = False
        """Nothing more is wanted of the model."""
        self._is_one_line = is_one_line
        self._has_text = False
        self._model = model
        self._now = now
        self._new_call_id = new_call_id
        self._growing: dict[int, _GrowingCall] = {}
        self._calls_sent = 0
        self._finish_reason = ""
        self._timings: JsonDict = {}

    def feed(self, chunk: bytes) -> list[JsonObject]:
        """The lines for ``chunk``, often none."""
        record = json.loads(chunk)
        if not isinstance(record, dict) or "choices" not in record:
            raise fault_of(record)
        timings = record.get("timings")
        if isinstance(timings, dict):
            self._timings = timings
        lines: list[JsonObject] = []
        for choice in record["choices"]:
            lines += self._lines_of(choice.get("delta") or {})
            if choice.get("finish_reason"):
                self._finish_reason = choice["finish_reason"]
        return lines

    def finish(self, total_ns: int, waited_ns: int) -> list[JsonObject]:
        """The text that was held back, then the ``done`` line.

        ``total_ns`` is the request's duration, ``waited_ns`` how long it waited for other requests.
        """
        lines = self._finished_calls(self._growing)
        reason = "length" if self._finish_reason == "length" else "stop"
        done = self._line({"role": "assistant", "content": ""}, is_done=True)
        counters: dict[str, int] = {
            "total_duration": total_ns,
            "load_duration": waited_ns,
            "prompt_eval_count": self._count("prompt_n") + self._count("cache_n"),
            "prompt_eval_duration": self._nanoseconds("prompt_ms"),
            "eval_count": self._count("predicted_n"),
            "eval_duration": self._nanoseconds("predicted_ms"),
        }
        shown = {name: value for name, value in counters.items() if value}
        return [*lines, {**done, "done_reason": reason, **shown}]

    def _lines_of(self, delta: JsonDict) -> list[JsonObject]:
        lines: list[JsonObject] = []
        thinking, content = delta.get("reasoning_content"), delta.get("content")
        if thinking:
            message: JsonDict = {"role": "assistant", "content": "", "thinking": thinking}
            lines.append(self._line(message))
        if isinstance(content, str) and (text := self._wanted(content)):
            lines.append(self._line({"role": "assistant", "content": text}))
        pieces = delta.get("tool_calls")
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                lines += self._take(piece)
        return lines

    def _wanted(self, content: str) -> str:
        if not self._is_one_line:
            return content
        if not self._has_text:
            content = content.lstrip("\n")
            self._has_text = bool(content)
        line, newline, _ = content.partition("\n")
        self.is_over |= bool(newline)
        return line

    def _take(self, piece: JsonDict) -> list[JsonObject]:
        """Add to a growing call; return the lines of calls that are now complete."""
        position = piece.get("index")
        index = position if isinstance(position, int) else 0
        finished = self._finished_calls(i for i in self._growing if i < index)
        call = self._growing.setdefault(index, _GrowingCall())
        function = piece.get("function")
        if isinstance(function, dict):
            name, arguments = function.get("name"), function.get("arguments")
            call.name += name if isinstance(name, str) else ""
            call.arguments.append(arguments if isinstance(arguments, str) else "")
        return finished

    def _finished_calls(self, indexes: Iterable[int]) -> list[JsonObject]:
        """Complete calls. Like in an Ollama server, one whose arguments are not an object is
        dropped silently."""
        lines: list[JsonObject] = []
        for index in sorted(indexes):
            call = self._growing.pop(index)
            try:
                arguments = json.loads("".join(call.arguments) or "{}")
            except ValueError:
                continue
            if isinstance(arguments, dict) and call.name:
                lines.append(self._line(self._call_message(call.name, arguments)))
        return lines

    def _call_message(self, name: str, arguments: JsonDict) -> JsonDict:
        function: JsonDict = {"index": self._calls_sent, "name": name, "arguments": arguments}
        self._calls_sent += 1
        call: JsonDict = {"id": self._new_call_id(), "function": function}
        return {"role": "assistant", "content": "", "tool_calls": [call]}

    def _line(self, message: JsonDict, *, is_done: bool = False) -> JsonDict:
        return {
            "model": self._model,
            "created_at": self._now(),
            "message": message,
            "done": is_done,
        }

    def _count(self, name: str) -> int:
        return int(self._number(name))

    def _nanoseconds(self, name: str) -> int:
        return int(self._number(name) * _NS_PER_MS)

    def _number(self, name: str) -> float:
        value = self._timings.get(name)
        return value if isinstance(value, int | float) else 0


def whole_reply(lines: Iterable[JsonObject]) -> JsonObject:
    """The lines of a stream as one object, for a reply that is not streamed."""
    texts: dict[str, list[str]] = {"content": [], "thinking": []}
    calls: list[JsonValue] = []
    last: JsonObject = {}
    for line in lines:
        message = line["message"]
        if isinstance(message, dict):
            for name, parts in texts.items():
                part = message.get(name)
                parts.append(part if isinstance(part, str) else "")
            some = message.get("tool_calls")
            calls += some if isinstance(some, list) else []
        last = line
    merged: JsonDict = {"role": "assistant", "content": "".join(texts["content"])}
    if any(texts["thinking"]):
        merged["thinking"] = "".join(texts["thinking"])
    if calls:
        merged["tool_calls"] = calls
    return {**last, "message": merged}


def without_messages(model: str, created_at: str, *, is_unload: bool) -> JsonObject:
    """The answer to a request without messages. The model is never unloaded."""
    return {
        "model": model,
        "created_at": created_at,
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "unload" if is_unload else "load",
    }


def fault_of(record: JsonValue) -> ApiFault:
    """The error in a chunk without choices.

    llama.cpp sends ``{"error": {"code", "message", "type"}}``; an Ollama server returns that as
    JSON text if the prompt does not fit the window.
    """
    error = record.get("error") if isinstance(record, dict) else None
    if not isinstance(error, dict):
        return ApiFault(500, "the model gave no answer")
    code, message = error.get("code"), error.get("message")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    if error.get("type") == "exceed_context_size_error":
        return ApiFault(status, json.dumps({"error": error}))
    return ApiFault(status, message if isinstance(message, str) else "the model failed")
