"""Parses and validates the body of POST /api/chat. Pure; raises ApiFault with an Ollama server's
wording."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.embedded.faults import ApiFault
from vtcode_tui.embedded.model_card import is_the_model

JsonDict: TypeAlias = dict[str, JsonValue]

_LEVELS = frozenset({"low", "medium", "high", "max"})
_NUMBERS = ("temperature", "num_predict", "seed", "top_k", "top_p", "min_p", "repeat_penalty")
_MULTIMODAL = {
    "code": 400,
    "message": "Multimodal data provided, but model does not support multimodal requests.",
    "type": "invalid_request_error",
}


@dataclass(frozen=True, slots=True)
class WireMessage:
    """``calls`` are ``(name, arguments)``."""

    role: str
    content: str = ""
    calls: tuple[tuple[str, JsonObject], ...] = ()


@dataclass(frozen=True, slots=True)
class ChatOrder:
    """A parsed request. ``options`` holds only numbers; ``stop`` are the client's stop sequences.

    Without ``messages`` the request loads the model, or with ``is_unload`` unloads it.
    """

    messages: tuple[WireMessage, ...]
    tools: tuple[JsonObject, ...] = ()
    thinks: bool = True
    streams: bool = True
    is_unload: bool = False
    answer_format: str | JsonObject | None = None
    options: Mapping[str, float] = field(default_factory=dict)
    stop: tuple[str, ...] = ()


def parse_body(body: bytes) -> JsonDict:
    """The object in ``body``. Errors have an Ollama server's wording."""
    if not body.strip():
        raise ApiFault(400, "missing request body")
    try:
        value = json.loads(body)
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(error.doc.rstrip())
        text = "unexpected EOF" if is_cut else f"invalid character at offset {error.pos}"
        raise ApiFault(400, text) from None
    except (ValueError, RecursionError):
        raise ApiFault(400, "invalid JSON") from None
    if not isinstance(value, dict):
        raise ApiFault(400, "json: cannot unmarshal the body into an object")
    return value


def check_model(body: JsonDict) -> None:
    """Raises 400 if no model is named and 404 if it is not the built-in one."""
    name = body.get("model") or body.get("name")
    if not isinstance(name, str) or not name:
        raise ApiFault(400, "model is required")
    if not is_the_model(name):
        raise ApiFault(404, f"model '{name}' not found")


def read_chat(body: JsonDict) -> ChatOrder:
    """Parse a body whose model was checked."""
    options = _object(body, "options")
    return ChatOrder(
        messages=tuple(_message(entry) for entry in _list(body, "messages")),
        tools=tuple(_tool(entry) for entry in _list(body, "tools")),
        thinks=_thinks(body.get("think")),
        streams=body.get("stream") is not False,
        is_unload=body.get("keep_alive") in (0, "0", "0s"),
        answer_format=_format(body.get("format")),
        options=_numbers(options),
        stop=_stops(options.get("stop")),
    )


def _message(entry: JsonValue) -> WireMessage:
    if not isinstance(entry, dict):
        raise _wrong_type("messages")
    if entry.get("images"):
        raise ApiFault(400, json.dumps({"error": _MULTIMODAL}))
    return WireMessage(
        role=_text(entry, "role"),
        content=_text(entry, "content"),
        calls=tuple(_call(call) for call in _list(entry, "tool_calls")),
    )


def _call(entry: JsonValue) -> tuple[str, JsonObject]:
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(function, dict):
        raise _wrong_type("messages.tool_calls")
    arguments = function.get("arguments") or {}
    if not isinstance(arguments, dict):
        raise ApiFault(400, "Value looks like object, but can't find closing '}' symbol")
    return _text(function, "name"), arguments


def _tool(entry: JsonValue) -> JsonObject:
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(function, dict):
        raise _wrong_type("tools")
    if not isinstance(function.get("name"), str):
        raise _wrong_type("tools.function.name")
    return entry


def _thinks(value: JsonValue) -> bool:
    if value is None or isinstance(value, bool):
        return value is not False
    if isinstance(value, str) and value in _LEVELS:
        return True
    text = json.dumps(value)
    allowed = 'must be "high", "medium", "low", "max", true, or false'
    raise ApiFault(400, f"invalid think value: {text} ({allowed})")


def _format(value: JsonValue) -> str | JsonObject | None:
    if value is None or value == "":
        return None
    if value == "json" or isinstance(value, dict):
        return value
    raise ApiFault(400, 'invalid format: expected "json" or a JSON schema')


def _numbers(options: JsonDict) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for name in _NUMBERS:
        value = options.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ApiFault(500, f'option "{name}" must be a number')
        numbers[name] = value
    return numbers


def _stops(value: JsonValue) -> tuple[str, ...]:
    if value is None:
        return ()
    stops = value if isinstance(value, list) else [value]
    texts = tuple(stop for stop in stops if isinstance(stop, str) and stop)
    if len(texts) != len(stops):
        raise ApiFault(500, 'option "stop" must be a list of strings')
    return texts


def _object(body: JsonDict, key: str) -> JsonDict:
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong_type(key)
    return value


def _list(body: JsonDict, key: str) -> list[JsonValue]:
    value = body.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong_type(key)
    return value


def _text(entry: JsonDict, key: str) -> str:
    value = entry.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong_type(key)
    return value


def _wrong_type(name: str) -> ApiFault:
    return ApiFault(400, f"json: cannot unmarshal value into Go struct field ChatRequest.{name}")
