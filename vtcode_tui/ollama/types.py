"""Requests to and replies from an Ollama server, as frozen values. No I/O, never raises.

A field that is None is left out of a request, so the server's default applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias, assert_never

from vtcode_tui.conversation.events import Usage
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
from vtcode_tui.lazy_dataclass import dataclass

Think: TypeAlias = bool | str


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """One entry of ``/api/tags``. A server may leave out everything but the name.

    ``capabilities`` is None if the server does not report them (ask ``/api/show`` then);
    ``remote_host`` is set for a cloud model behind a local server; ``refused`` are features that
    the server refused for it, named as in ``ModelLacksFeature``.
    """

    name: str
    size_bytes: int | None = None
    digest: str = ""
    modified_at: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    context_length: int | None = None
    capabilities: frozenset[str] | None = None
    remote_host: str | None = None
    refused: frozenset[str] = frozenset()

    @property
    def may_chat(self) -> bool:
        """Whether the model is not known to be for something else, such as embeddings."""
        return not self.capabilities or "completion" in self.capabilities

    def may_have(self, feature: str) -> bool:
        """Whether ``feature`` (``tools``, ``thinking``) is not known to be unsupported."""
        return feature not in self.refused and (
            self.capabilities is None or feature in self.capabilities
        )


@dataclass(frozen=True, slots=True)
class RunningModel:
    """One entry of ``/api/ps``: a model in memory.

    ``context_length`` is the allocated window in tokens.
    """

    name: str
    size_bytes: int | None = None
    vram_bytes: int | None = None
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """The answer of ``/api/show``.

    ``parameters`` are text lines of the Modelfile such as ``num_ctx 8192``; ``context_length`` is
    the most that the model was trained for, read from ``model_info`` under its architecture;
    ``remote_host`` is set for a cloud model that a local server proxies.
    """

    capabilities: frozenset[str] | None = None
    context_length: int | None = None
    architecture: str = ""
    parameters: str = ""
    template: str = ""
    family: str = ""
    remote_host: str | None = None
    model_info: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is offered to a model. ``parameters`` is a JSON schema of type object."""

    name: str
    description: str
    parameters: JsonObject

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": dict(self.parameters),
            },
        }


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request to ``/api/chat``.

    ``think`` is True, False or a level ("low", "medium", "high", "max"); ``format`` is "json" or a
    JSON schema; ``keep_alive`` a duration such as "10m", or seconds; ``truncate`` and ``shift``
    False ask for an error where the server would cut the prompt or move the window in silence.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    think: Think | None = None
    options: JsonObject = field(default_factory=dict)
    keep_alive: str | int | None = None
    format: str | JsonObject | None = None
    stream: bool = True
    truncate: bool | None = None
    shift: bool | None = None

    def to_json(self) -> dict[str, JsonValue]:
        body: dict[str, JsonValue] = {
            "model": self.model,
            "messages": [message_to_json(message) for message in self.messages],
            "stream": self.stream,
        }
        if self.tools:
            body["tools"] = [tool.to_json() for tool in self.tools]
        if self.options:
            body["options"] = dict(self.options)
        optional: dict[str, JsonValue] = {
            "think": self.think,
            "keep_alive": self.keep_alive,
            "format": dict(self.format) if isinstance(self.format, Mapping) else self.format,
            "truncate": self.truncate,
            "shift": self.shift,
        }
        body.update({name: value for name, value in optional.items() if value is not None})
        return body


def message_to_json(message: Message) -> dict[str, JsonValue]:
    """``message`` as ``/api/chat`` takes it.

    A call's arguments go as an object: an Ollama server answers 400 to a string. The name of a
    tool result is what templates read; its id goes too where the call had one.
    """
    match message:
        case SystemMessage(content=content):
            return {"role": "system", "content": content}
        case UserMessage(content=content, images=images):
            user: dict[str, JsonValue] = {"role": "user", "content": content}
            if images:
                user["images"] = list(images)
            return user
        case AssistantMessage(content=content, thinking=thinking, tool_calls=calls):
            assistant: dict[str, JsonValue] = {"role": "assistant", "content": content}
            if thinking:
                assistant["thinking"] = thinking
            if calls:
                assistant["tool_calls"] = [
                    _call_to_json(call, index) for index, call in enumerate(calls)
                ]
            return assistant
        case ToolResultMessage(call_id=call_id, tool_name=tool_name, content=content):
            result: dict[str, JsonValue] = {
                "role": "tool",
                "tool_name": tool_name,
                "content": content,
            }
            if call_id:
                result["tool_call_id"] = call_id
            return result
        case _:
            assert_never(message)


def _call_to_json(call: ToolCall, index: int) -> dict[str, JsonValue]:
    function: dict[str, JsonValue] = {
        "index": index,
        "name": call.name,
        "arguments": dict(call.arguments),
    }
    return {"id": call.call_id, "function": function} if call.call_id else {"function": function}


@dataclass(frozen=True, slots=True)
class HeadReceived:
    """The server has answered: the model is loaded and the prompt was taken."""


@dataclass(frozen=True, slots=True)
class ThinkingPart:
    """More of the model's thinking: a delta, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ContentPart:
    """More of the answer: a delta, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class CallsPart:
    """Whole calls, one or more. A reply can hold several such parts.

    ``problems`` tells in words of each call that was not usable and so is not in ``calls``.
    """

    calls: tuple[ToolCall, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DonePart:
    """The last part. ``reason`` is the server's "stop", "length", "load" or "unload"."""

    reason: str
    usage: Usage


ChatPart: TypeAlias = HeadReceived | ThinkingPart | ContentPart | CallsPart | DonePart


@dataclass(frozen=True, slots=True)
class PullProgress:
    """One line of ``/api/pull``. ``total`` and ``completed`` are bytes of the layer ``digest``."""

    status: str
    digest: str = ""
    total: int | None = None
    completed: int | None = None
