"""Messages as they go over the wire and the tool calls inside them. Frozen values, no behaviour.

The shapes follow Ollama's ``/api/chat``: a call's arguments are an object, never a string, and a
tool's result names the tool that gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from vtcode_tui.lazy_dataclass import dataclass

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that a model asked for.

    ``call_id`` is the server's, or one that this program made where an old server sent none.
    """

    call_id: str
    name: str
    arguments: JsonObject = field(default_factory=dict)

    def canonical_arguments(self) -> str:
        """The arguments as compact JSON with sorted keys: equal calls give equal texts."""
        import json

        return json.dumps(self.arguments, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class SystemMessage:
    content: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """``images`` are base64 texts, as the server takes them."""

    content: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """``thinking`` is kept apart from ``content``, as the server sends it."""

    content: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResultMessage:
    call_id: str
    tool_name: str
    content: str


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolResultMessage
