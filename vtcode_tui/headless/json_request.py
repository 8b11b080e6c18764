"""Parses and validates a JSON request to ``ask``. Pure.

The fields are those of Ollama's ``/api/chat``, and ``tool_choice``. Errors name the field by its
path, such as ``messages[1].tool_calls[0].function.arguments``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import field

from vtcode_tui.conversation.messages import (
    AssistantMessage,
    JsonObject,
    JsonValue,
    Message,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.errors import ConfigError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.strict_json import strict_decoder
from vtcode_tui.ollama.thinking import LEVELS
from vtcode_tui.ollama.tool_choice import ChoiceError, ToolChoice, read_tool_choice
from vtcode_tui.ollama.types import Think, ToolSpec

FIELDS = (
    "model",
    "messages",
    "tools",
    "tool_choice",
    "think",
    "format",
    "options",
    "keep_alive",
    "stream",
)
_OPTIONS = frozenset(
    {"num_ctx", "num_predict", "temperature", "top_k", "top_p", "min_p", "seed", "stop"}
    | {"repeat_penalty", "repeat_last_n", "presence_penalty", "frequency_penalty"}
    | {"num_keep", "num_gpu", "num_thread", "num_batch"}
)
_ADVICE = """\
A request looks like: {"messages": [{"role": "user", "content": "Hello"}], "tools": [...]}"""
_NO_PARAMETERS: JsonObject = {"type": "object", "properties": {}}


@dataclass(frozen=True, slots=True)
class JsonRequest:
    """A valid request. ``think``, ``format`` and ``keep_alive`` are None if the request lacks them."""

    messages: tuple[Message, ...]
    model: str | None = None
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoice = field(default_factory=ToolChoice)
    think: Think | None = None
    format: str | JsonObject | None = None
    options: JsonObject = field(default_factory=dict)
    keep_alive: str | None = None
    stream: bool = True


def request_in(text: str) -> JsonRequest | None:
    """The request in ``text``, or None if it is an ordinary prompt.

    It is a request if it is a JSON object with ``messages``. Raises ConfigError for an invalid one.
    """
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = strict_decoder().decode(text)
    except (ValueError, RecursionError) as error:
        if '"messages"' in text:
            raise not_json(str(error)) from None
        return None
    return read_request(value) if isinstance(value, dict) and "messages" in value else None


def not_json(why: str) -> ConfigError:
    return ConfigError("The request is not valid JSON.", why=why, advice=_ADVICE)


def read_request(value: Mapping[str, JsonValue]) -> JsonRequest:
    """Parse a request. Raises ConfigError that names the field."""
    for name in value:
        if name not in FIELDS:
            raise _invalid(name, _unknown(name))
    tools = _tools(value.get("tools"))
    try:
        choice = read_tool_choice(value.get("tool_choice"), tools)
    except ChoiceError as error:
        raise _invalid(error.field, error.why) from None
    return JsonRequest(
        messages=_messages(value["messages"]),
        model=_text(value["model"], "model") if value.get("model") is not None else None,
        tools=tools,
        tool_choice=choice,
        think=_think(value.get("think")),
        format=_format(value.get("format")),
        options=_object(value["options"], "options") if value.get("options") is not None else {},
        keep_alive=_keep_alive(value.get("keep_alive")),
        stream=_truth(value["stream"], "stream") if value.get("stream") is not None else True,
    )


def _unknown(name: str) -> str:
    if name in _OPTIONS:
        return f'it is an option: write "options": {{"{name}": ...}}'
    near = difflib.get_close_matches(name, FIELDS, n=1)
    return (
        f"there is no such field; did you mean {near[0]}?"
        if near
        else (f"there is no such field; the fields are {', '.join(FIELDS)}")
    )


# --- messages -----------------------------------------------------------------------------------


def _messages(value: JsonValue) -> tuple[Message, ...]:
    if not isinstance(value, list) or not value:
        raise _invalid("messages", "it must be a list with at least one message")
    names: dict[str, str] = {}
    messages: list[Message] = []
    for number, entry in enumerate(value):
        message = _message(_object(entry, f"messages[{number}]"), f"messages[{number}]", names)
        if isinstance(message, AssistantMessage):
            names.update({call.call_id: call.name for call in message.tool_calls})
        messages.append(message)
    return tuple(messages)


def _message(entry: JsonObject, where: str, call_names: Mapping[str, str]) -> Message:
    """``call_names`` has the tool of each call so far, by the call's id."""
    match entry.get("role"):
        case "system":
            return SystemMessage(_content(entry, where))
        case "user":
            return UserMessage(_content(entry, where), _images(entry.get("images"), where))
        case "assistant":
            thinking = entry.get("thinking")
            return AssistantMessage(
                content=_content(entry, where, may_lack=True),
                thinking=_text(thinking, f"{where}.thinking", may_be_empty=True)
                if thinking
                else "",
                tool_calls=_calls(entry.get("tool_calls"), f"{where}.tool_calls"),
            )
        case "tool":
            call_id = entry.get("tool_call_id")
            known = _text(call_id, f"{where}.tool_call_id") if call_id is not None else ""
            name = entry.get("tool_name") or entry.get("name") or call_names.get(known)
            if name is None:
                raise _invalid(
                    f"{where}.tool_name", "it must be the name of the tool that gave the result"
                )
            return ToolResultMessage(
                known, _text(name, f"{where}.tool_name"), _content(entry, where)
            )
        case _:
            raise _invalid(f"{where}.role", 'it must be "system", "user", "assistant" or "tool"')


def _content(entry: JsonObject, where: str, *, may_lack: bool = False) -> str:
    """A string, or a list of text parts."""
    value = entry.get("content")
    if value is None and may_lack:
        return ""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [None]
    texts: list[str] = []
    for number, part in enumerate(parts):
        text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        if not isinstance(text, str):
            inside = f"[{number}]" if isinstance(value, list) else ""
            raise _invalid(
                f"{where}.content{inside}", "it must be a text (pictures go into images)"
            )
        texts.append(text)
    return "\n".join(texts)


def _images(value: JsonValue, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid(f"{where}.images", "it must be a list of base64 texts")
    return tuple(_text(item, f"{where}.images[{number}]") for number, item in enumerate(value))


def _calls(value: JsonValue, where: str) -> tuple[ToolCall, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid(where, "it must be a list of calls")
    return tuple(
        _call(_object(item, f"{where}[{i}]"), f"{where}[{i}]") for i, item in enumerate(value)
    )


def _call(entry: JsonObject, where: str) -> ToolCall:
    """The arguments as an object: an Ollama server answers 400 to a JSON string."""
    function = _object(entry.get("function"), f"{where}.function")
    arguments = function.get("arguments")
    place = f"{where}.function.arguments"
    if isinstance(arguments, str) and arguments.strip():
        try:
            arguments = strict_decoder().decode(arguments)
        except (ValueError, RecursionError):
            raise _invalid(place, "the text in it is not JSON") from None
    if arguments in (None, ""):
        arguments = {}
    call_id = entry.get("id")
    return ToolCall(
        _text(call_id, f"{where}.id", may_be_empty=True) if call_id is not None else "",
        _text(function.get("name"), f"{where}.function.name"),
        _object(arguments, place),
    )


# --- the other fields ---------------------------------------------------------------------------


def _tools(value: JsonValue) -> tuple[ToolSpec, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid("tools", "it must be a list of tools")
    tools = tuple(
        _tool(_object(item, f"tools[{i}]"), f"tools[{i}]") for i, item in enumerate(value)
    )
    for number, tool in enumerate(tools):
        if any(tool.name == other.name for other in tools[:number]):
            raise _invalid(
                f"tools[{number}].function.name", f"there are two tools named {tool.name!r}"
            )
    return tools


def _tool(entry: JsonObject, where: str) -> ToolSpec:
    if entry.get("type", "function") != "function":
        raise _invalid(f"{where}.type", 'it must be "function"')
    function = _object(entry.get("function"), f"{where}.function")
    description = function.get("description")
    parameters = function.get("parameters")
    return ToolSpec(
        _text(function.get("name"), f"{where}.function.name"),
        _text(description, f"{where}.function.description", may_be_empty=True)
        if description is not None
        else "",
        _NO_PARAMETERS if not parameters else _object(parameters, f"{where}.function.parameters"),
    )


def _think(value: JsonValue) -> Think | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value in LEVELS:
        return value
    raise _invalid("think", f"it must be true, false, or one of {', '.join(LEVELS)}")


def _format(value: JsonValue) -> str | JsonObject | None:
    if value is None or value == "":
        return None
    if value == "json" or isinstance(value, dict):
        return value
    raise _invalid("format", 'it must be "json" or a JSON schema')


def _keep_alive(value: JsonValue) -> str | None:
    """A number means seconds, as for an Ollama server."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}s" if isinstance(value, float) else f"{value}s"
    return _text(value, "keep_alive")


# --- plain values -------------------------------------------------------------------------------


def _object(value: JsonValue, where: str) -> JsonObject:
    if not isinstance(value, dict):
        raise _invalid(where, "it must be an object")
    return value


def _text(value: JsonValue, where: str, *, may_be_empty: bool = False) -> str:
    if not isinstance(value, str) or not (value.strip() or may_be_empty):
        raise _invalid(
            where, "it must be a text" if may_be_empty else "it must be a text that is not empty"
        )
    return value


def _truth(value: JsonValue, where: str) -> bool:
    if not isinstance(value, bool):
        raise _invalid(where, "it must be true or false")
    return value


def _invalid(where: str, why: str) -> ConfigError:
    return ConfigError(f"The request is not valid: {where}: {why}.", advice=_ADVICE)
