"""What the fake server answers to one ``/api/chat``: built up front, as bytes where it can be."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.wire import Wire

CREATED_AT = "2026-11-22T10:00:00.000000000Z"
_NS = 1_000_000_000
_call_numbers = itertools.count(1)
_TOKEN = re.compile(r"\S+\s*|\s+")

Call = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Reply:
    """One scripted answer; make it with ``reply()``.

    ``lines`` are the stream's objects from the second field on (the model's name comes first, from
    the request). ``final`` is the done line's part, or None where there is none.
    """

    lines: tuple[bytes, ...] = ()
    final: Mapping[str, Any] | None = None
    message: Mapping[str, Any] = field(default_factory=dict)
    pace_s: float = 0.0
    lead_s: float = 0.0
    head_delay_s: float = 0.0
    head_hold: threading.Event | None = None
    status: int = 200
    error: str | None = None
    error_fields: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    raw: tuple[bytes, ...] | None = None
    serve: Callable[[Wire], None] | None = None
    hold: threading.Event | None = None

    @property
    def is_unconditional(self) -> bool:
        """Sent whatever was asked, without the server's own checks."""
        return self.raw is not None or self.serve is not None or self.status != 200

    def records(self, model: str) -> list[bytes]:
        """The NDJSON lines of the stream but the last one."""
        prefix = _prefix(model)
        return [prefix + line for line in self.lines]

    def last_record(self, model: str) -> bytes:
        """The line that ends the stream: done or an error; empty where there is none."""
        if self.error is not None:
            return json.dumps({"error": self.error, **self.error_fields}).encode() + b"\n"
        if self.final is None:
            return b""
        rest = {"message": {"role": "assistant", "content": ""}, **self.final}
        return _prefix(model) + _tail(rest)

    def whole(self, model: str) -> dict[str, Any]:
        """The one object of a request with ``"stream": false``."""
        return {
            "model": model,
            "created_at": CREATED_AT,
            "message": {"role": "assistant", **self.message},
            **(self.final or {"done": True, "done_reason": "stop"}),
        }


def reply(
    text: str = "",
    *,
    thinking: str = "",
    calls: Sequence[Call] = (),
    tokens: Sequence[str] | None = None,
    chunk_tokens: int = 1,
    pace_s: float = 0.0,
    lead_s: float = 0.0,
    head_delay_s: float = 0.0,
    head_hold: threading.Event | None = None,
    status: int = 200,
    error: str | None = None,
    error_fields: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    done_reason: str = "stop",
    omit_done: bool = False,
    cut_after: int | None = None,
    prompt_tokens: int = 120,
    output_tokens: int | None = None,
    call_ids: Sequence[str | None] | None = None,
    raw: bytes | Sequence[bytes] | None = None,
    serve: Callable[[Wire], None] | None = None,
    hold: threading.Event | None = None,
) -> Reply:
    """A scripted answer: thinking, then text, then calls, then the done line.

    ``tokens`` replaces ``text`` by deltas of your own; ``chunk_tokens`` are put on one line and
    ``pace_s`` seconds lie between lines; without it ``lead_s`` behind the first. ``head_delay_s`` and ``head_hold`` keep the response head
    back, as a cold load does; ``hold`` keeps the end back. With ``status`` 200 an ``error`` is the
    stream's last line, else it is the body. ``cut_after`` closes the connection after so many
    lines; ``omit_done`` ends the stream properly but without a done line. ``raw`` is sent as it
    is, head and all, each item in a TCP write of its own; ``serve`` does what it likes.
    """
    text_tokens = list(tokens) if tokens is not None else _TOKEN.findall(text)
    thinking_tokens = _TOKEN.findall(thinking)
    ids = call_ids or [f"call_{next(_call_numbers):08d}" for _ in calls]
    tool_calls = [
        _call(name, arguments, number, ids[number])
        for number, (name, arguments) in enumerate(calls)
    ]
    lines = [_delta(thinking=part) for part in _chunked(thinking_tokens, chunk_tokens)]
    lines += [_delta(content=part) for part in _chunked(text_tokens, chunk_tokens)]
    lines += [_delta(tool_calls=[call]) for call in tool_calls]
    count = output_tokens
    if count is None:
        count = len(text_tokens) + len(thinking_tokens) + 10 * len(tool_calls)
    message: dict[str, Any] = {"content": "".join(text_tokens)}
    if thinking:
        message["thinking"] = thinking
    if tool_calls:
        message["tool_calls"] = tool_calls
    return Reply(
        lines=tuple(lines if cut_after is None else lines[:cut_after]),
        final=None if omit_done else _counters(done_reason, prompt_tokens, count, pace_s),
        message=message,
        pace_s=pace_s,
        lead_s=lead_s,
        head_delay_s=head_delay_s,
        head_hold=head_hold,
        status=status,
        error=error,
        error_fields=dict(error_fields or {}),
        headers=dict(headers or {}),
        cut=cut_after is not None,
        raw=None if raw is None else (raw,) if isinstance(raw, bytes) else tuple(raw),
        serve=serve,
        hold=hold,
    )


def _prefix(model: str) -> bytes:
    return f'{{"model":{json.dumps(model)},"created_at":"{CREATED_AT}",'.encode()


def _tail(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()[1:] + b"\n"


def _delta(content: str = "", **more: Any) -> bytes:
    message = {"role": "assistant", "content": content, **more}
    return _tail({"message": message, "done": False})


def _chunked(tokens: Sequence[str], size: int) -> list[str]:
    return ["".join(tokens[start : start + size]) for start in range(0, len(tokens), size)]


def _call(name: str, arguments: Any, index: int, call_id: str | None) -> dict[str, Any]:
    call: dict[str, Any] = {"function": {"index": index, "name": name, "arguments": arguments}}
    return call if call_id is None else {"id": call_id, **call}


def _counters(reason: str, prompt_tokens: int, output_tokens: int, pace_s: float) -> dict[str, Any]:
    """As an Ollama server counts: nanoseconds, and a counter that is zero is left out."""
    output_ns = int(output_tokens * max(pace_s, 0.005) * _NS)
    counters = {
        "total_duration": output_ns + _NS,
        "load_duration": _NS // 10,
        "prompt_eval_count": prompt_tokens,
        "prompt_eval_duration": _NS // 2,
        "eval_count": output_tokens,
        "eval_duration": output_ns,
    }
    kept = {name: value for name, value in counters.items() if value}
    return {"done": True, "done_reason": reason, **kept}
