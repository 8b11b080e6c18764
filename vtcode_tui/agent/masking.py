"""Replaces known secrets in messages that are sent to another machine. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

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
from vtcode_tui.secrecy import starred_begun
from vtcode_tui.workspace.known_secrets import KnownSecrets


def masked_messages(messages: tuple[Message, ...], secrets: KnownSecrets) -> tuple[Message, ...]:
    """``messages`` with each known secret replaced by stars, also in tool calls."""
    if not secrets.values:
        return messages
    return tuple(_masked(message, secrets) for message in messages)


def _masked(message: Message, secrets: KnownSecrets) -> Message:
    match message:
        case SystemMessage() | UserMessage() | ToolResultMessage():
            content = secrets.masked(message.content)
            return message if content == message.content else replace(message, content=content)
        case AssistantMessage():
            return replace(
                message,
                content=starred_begun(secrets.masked(message.content), secrets.values),
                thinking=starred_begun(secrets.masked(message.thinking), secrets.values),
                tool_calls=tuple(_masked_call(call, secrets) for call in message.tool_calls),
            )


def _masked_call(call: ToolCall, secrets: KnownSecrets) -> ToolCall:
    return replace(call, arguments=cast("JsonObject", _masked_value(call.arguments, secrets)))


def _masked_value(value: JsonValue | JsonObject, secrets: KnownSecrets) -> JsonValue:
    if isinstance(value, str):
        return secrets.masked(value)
    if isinstance(value, list):
        return [_masked_value(item, secrets) for item in value]
    if isinstance(value, Mapping):
        return {name: _masked_value(item, secrets) for name, item in value.items()}
    return value
