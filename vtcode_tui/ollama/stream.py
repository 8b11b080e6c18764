"""Parses the byte stream of a reply. Pure: no I/O, never raises; errors are in ``fault``.

An Ollama server streams NDJSON: one JSON object a line, ended by ``\n`` alone (U+2028 inside a text
does not end a line), split anywhere by the network. Thinking and content are deltas; calls are
complete; the last object has ``done``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NoReturn

from vtcode_tui.conversation.events import Usage
from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.errors import ServerError, StreamBroken, UnexpectedReply
from vtcode_tui.ollama.strict_json import is_deeper, is_too_large, strict_decoder
from vtcode_tui.ollama.types import CallsPart, ChatPart, ContentPart, DonePart, ThinkingPart

LINE_CAP_BYTES = 8 * 1024 * 1024
ANSWER_CAP_CHARACTERS = 4_000_000
CALLS_CAP = 32

_ARGUMENTS_DEPTH_CAP = 64
_NAME_CAP = 200
_LARGEST_COUNT = 2**63
_PROGRESS_BYTES = 1024
_NS = 1_000_000_000
_BLANKS = b" \t\r\n"
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_OWN_KEYS = ("message", "done", "done_reason", "error", "model", "created_at")


class NdjsonSplitter:
    """Splits bytes into lines. ``progress`` grows with each line and each further KiB of an open
    one.

    Blank lines are skipped and are no progress. ``is_over_cap`` is set when a line exceeds ``cap``
    bytes; no more lines follow.
    """

    def __init__(self, cap: int = LINE_CAP_BYTES) -> None:
        self._cap = cap
        self._open: list[bytes] = []
        self._open_size = 0
        self._lines = 0
        self.is_over_cap = False

    @property
    def progress(self) -> tuple[int, int]:
        return self._lines, self._open_size // _PROGRESS_BYTES

    def feed(self, content: bytes) -> list[bytes]:
        """The lines completed by ``content``, without their line ends."""
        if self.is_over_cap:
            return []
        first, *rest = content.split(b"\n")
        self._keep(first)
        if not rest or self.is_over_cap:
            return []
        # A line that comes in pieces has lost the blanks before it, so any other loses them too.
        whole = [self._take_open(), *(line.lstrip(_BLANKS) for line in rest[:-1])]
        lines = [line for line in whole if line.strip(_BLANKS)]
        self._lines += len(lines)
        self._keep(rest[-1])
        return lines

    def finish(self) -> list[bytes]:
        """The last line, if the stream ended without a line end."""
        line = self._take_open()
        return [line] if line.strip(_BLANKS) and not self.is_over_cap else []

    def _keep(self, piece: bytes) -> None:
        if not self._open:
            piece = piece.lstrip(_BLANKS)
        if not piece:
            return
        self._open.append(piece)
        self._open_size += len(piece)
        if self._open_size > self._cap:
            self.is_over_cap = True
            self._open.clear()

    def _take_open(self) -> bytes:
        line = b"".join(self._open)
        self._open.clear()
        self._open_size = 0
        return line


class ChatParser:
    """Parses the reply to one ``/api/chat`` as its bytes arrive.

    ``fault`` is set when the reply cannot be parsed further; ``is_done`` when the server marked it
    complete. ``explain`` turns an ``error`` line into the fault; ``new_call_id`` makes ids for
    calls without one.
    """

    def __init__(
        self, *, explain: Callable[[object], ServerError], new_call_id: Callable[[], str]
    ) -> None:
        self.fault: ServerError | None = None
        self.is_done = False
        self._explain = explain
        self._splitter = NdjsonSplitter()
        self._calls = _Calls(new_call_id)
        self._objects = 0
        self._characters = 0
        self._was_too_deep = False
        self._parts: list[ChatPart] = []
        self._deltas: list[str] = []
        self._deltas_are_thinking = False

    @property
    def progress(self) -> tuple[int, int]:
        """Changes whenever the reply advances; blank lines and trickling bytes do not count."""
        return self._splitter.progress

    def feed(self, content: bytes) -> list[ChatPart]:
        """The parts added by ``content``; adjacent deltas of one kind are joined."""
        self._take_lines(self._splitter.feed(content))
        if self._splitter.is_over_cap and not self.is_over:
            size = f"{LINE_CAP_BYTES // 1024 // 1024} MB"
            self.fault = UnexpectedReply(
                "The answer cannot be read.",
                why=f"A line of it is too long: more than {size}.",
                advice="Try again, or see whether it is an Ollama server: vtcode-tui doctor",
            )
        return self._flush()

    def finish(self, broken: ServerError | None = None) -> list[ChatPart]:
        """The remaining parts, at the end of the bytes. An incomplete reply gets its ``fault``:
        ``broken`` is why the connection ended, if known."""
        is_first = not self._objects
        for line in self._splitter.finish():
            if _is_json(line) or not (broken or _is_half(line, is_first=is_first)):
                self._take_lines([line])
            self._objects += 1
        if not self.is_over:
            self.fault = broken or _no_end(is_empty=not self._objects)
        return self._flush()

    @property
    def is_over(self) -> bool:
        """Whether the reply has ended."""
        return self.is_done or self.fault is not None

    def _take_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            if self.is_over:
                return
            try:
                self._take(_parsed(line))
            except ValueError as error:
                self.fault = _unreadable(line, self._objects + 1, str(error))
            except RecursionError:
                if not self._was_too_deep:
                    self._add(
                        CallsPart((), ("A part of the reply was nested too deep to be read.",))
                    )
                self._was_too_deep = True
            self._objects += 1

    def _take(self, record: object) -> None:
        """Raises ValueError for an object that is not part of a reply."""
        if not isinstance(record, dict):
            _reject("not an object")
        if record.get("error") is not None:
            self.fault = self._explain(record["error"])
            return
        if "choices" in record or not any(key in record for key in _OWN_KEYS):
            _reject("not Ollama's form")
        message = record.get("message")
        if message is not None:
            self._take_message(message)
        if not self.is_over and (record.get("done") is True or record.get("done_reason")):
            self.is_done = True
            self._add(DonePart(_reason(record.get("done_reason")), _usage(record)))

    def _take_message(self, message: object) -> None:
        if not isinstance(message, dict):
            _reject("its message is not an object")
        self._take_text(message.get("thinking"), is_thinking=True)
        self._take_text(message.get("content"), is_thinking=False)
        calls = message.get("tool_calls")
        if calls and (part := self._calls.take(calls)) is not None:
            self._add(part)

    def _take_text(self, text: object, *, is_thinking: bool) -> None:
        if not text and (text is None or text == ""):
            return
        if not isinstance(text, str):
            _reject("its text is not a string")
        if self._characters >= ANSWER_CAP_CHARACTERS:
            self.fault = StreamBroken(
                "The answer was stopped: it is too long.",
                why=f"It has reached the limit of {ANSWER_CAP_CHARACTERS:,} characters.",
                advice="What came is kept. A model that runs on and on may need another prompt.",
            )
            return
        self._characters += len(text)
        if is_thinking is not self._deltas_are_thinking:
            self._join_deltas()
            self._deltas_are_thinking = is_thinking
        self._deltas.append(text)

    def _add(self, part: ChatPart) -> None:
        self._join_deltas()
        self._parts.append(part)

    def _join_deltas(self) -> None:
        if self._deltas:
            text = "".join(self._deltas)
            self._parts.append(
                ThinkingPart(text) if self._deltas_are_thinking else ContentPart(text)
            )
            self._deltas.clear()

    def _flush(self) -> list[ChatPart]:
        self._join_deltas()
        parts, self._parts = self._parts, []
        return parts


class _Calls:
    """The tool calls of one reply: duplicates removed, each with a unique id."""

    def __init__(self, new_call_id: Callable[[], str]) -> None:
        self._new_call_id = new_call_id
        self._taken: dict[str, ToolCall] = {}
        self._problems: set[str] = set()
        self._is_capped = False

    def take(self, wire_calls: object) -> CallsPart | None:
        """The new calls, or None. Some servers repeat a call in later lines."""
        calls: list[ToolCall] = []
        problems: list[str] = []
        for wire_call in wire_calls if isinstance(wire_calls, list) else [None]:
            if len(self._taken) >= CALLS_CAP:
                if not self._is_capped:
                    problems.append(
                        f"More than {CALLS_CAP} calls in one reply: the rest is left out."
                    )
                self._is_capped = True
                break
            try:
                call = self._one(wire_call)
            except ValueError as error:
                problem = f"A tool call cannot be used: {error}."
                if problem not in self._problems and len(self._problems) < CALLS_CAP:
                    problems.append(problem)
                    self._problems.add(problem)
                continue
            if call is not None:
                self._taken[call.call_id] = call
                calls.append(call)
        return CallsPart(tuple(calls), tuple(problems)) if calls or problems else None

    def _one(self, wire_call: object) -> ToolCall | None:
        """The call, or None for a duplicate; raises ValueError for a malformed one."""
        function = wire_call.get("function") if isinstance(wire_call, dict) else None
        if not isinstance(wire_call, dict) or not isinstance(function, dict):
            _reject("it names no function")
        name, wire_id = function.get("name"), wire_call.get("id")
        if not isinstance(name, str) or not name:
            _reject("it names no function")
        if len(name) > _NAME_CAP:
            _reject("the name of its function is too long")
        call_id = wire_id if isinstance(wire_id, str) and len(wire_id) <= _NAME_CAP else ""
        arguments = _arguments(function.get("arguments"))
        seen = self._taken.get(call_id)
        if seen is not None and (seen.name, seen.arguments) == (name, arguments):
            return None
        while not call_id or call_id in self._taken:
            call_id = self._new_call_id()
        return ToolCall(call_id, name, arguments)


def _arguments(arguments: object) -> dict[str, JsonValue]:
    """The arguments as an object. Some servers send them as a JSON string."""
    if arguments is None or arguments == "":
        return {}
    parsed = _parsed_text(arguments) if isinstance(arguments, str) else arguments
    if not isinstance(parsed, dict):
        _reject("its arguments are not an object")
    if is_deeper(parsed, _ARGUMENTS_DEPTH_CAP):
        _reject("its arguments are nested too deep")
    if is_too_large(parsed):
        _reject("a number in it is too large")
    return parsed


def _reject(why: str) -> NoReturn:
    raise ValueError(why)


_decode = strict_decoder().decode


def _parsed(line: bytes) -> object:
    """The value of a line; raises ValueError. Bytes that are not UTF-8 become U+FFFD."""
    return _parsed_text(line.decode("utf-8", "replace"))


def _is_json(line: bytes) -> bool:
    try:
        _parsed(line)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _is_half(line: bytes, *, is_first: bool) -> bool:
    """Whether a last line that is not JSON looks truncated."""
    return line.startswith(b"{") and not (is_first and line.rstrip().endswith(b"}"))


def _parsed_text(text: str) -> object:
    parsed: object = _decode(text)
    if _SURROGATE_ESCAPE.search(text):
        parsed = _decode(_without_lone_surrogates(json.dumps(parsed, ensure_ascii=False)))
    return parsed


def _without_lone_surrogates(text: str) -> str:
    """``text`` with lone surrogates replaced by U+FFFD: they can be neither encoded nor shown."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _reason(reason: object) -> str:
    return reason[:_NAME_CAP] if isinstance(reason, str) and reason else "stop"


def _usage(record: dict[str, object]) -> Usage:
    """The counters of the last object; times are in nanoseconds, zeros are left out."""
    return Usage(
        prompt_tokens=_count(record, "prompt_eval_count"),
        output_tokens=_count(record, "eval_count"),
        load_s=_seconds(record, "load_duration"),
        prompt_s=_seconds(record, "prompt_eval_duration"),
        output_s=_seconds(record, "eval_duration"),
        total_s=_seconds(record, "total_duration"),
    )


def _count(record: dict[str, object], key: str) -> int | None:
    value = record.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < _LARGEST_COUNT else None


def _seconds(record: dict[str, object], key: str) -> float | None:
    nanoseconds = _count(record, key)
    return None if nanoseconds is None else nanoseconds / _NS


def _no_end(*, is_empty: bool) -> StreamBroken:
    if is_empty:
        return StreamBroken(
            "The server's answer was empty.",
            why="It ended before anything came.",
            advice="Try again; the server's log may say why.",
        )
    return StreamBroken(
        "The answer ended before it was complete.",
        why="The server closed it without its last line, as Ollama does when a model repeats itself.",
        advice="What came is kept. Ask the model to go on, or send the prompt again.",
    )


def _unreadable(line: bytes, number: int, why: str) -> UnexpectedReply:
    excerpt = line[:80].decode("utf-8", "replace")
    return UnexpectedReply(
        "The server sent an unexpected line that is not a part of an Ollama answer.",
        why=f"Line {number} is invalid ({why}): {excerpt}",
        advice="Check that --base-url is the root of an Ollama server, such as http://localhost:11434.",
    )
