"""A model with its request options, how tools are offered to it, and the request built from both.
Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Literal, TypeAlias

from vtcode_tui.conversation.messages import JsonObject, JsonValue, Message, UserMessage
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.catalogue import runs_elsewhere
from vtcode_tui.ollama.text_protocol import (
    messages_in_words,
    tools_in_words,
    with_system_words,
)
from vtcode_tui.ollama.thinking import effort_name
from vtcode_tui.ollama.types import ChatRequest, InstalledModel, Think, ToolSpec

TextTools: TypeAlias = Literal["auto", "on", "off"]


class ToolMode(StrEnum):
    """How tools are offered to a model: by the server's API, in words, or not at all."""

    NATIVE = "native"
    TEXT = "text"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """``think`` is sent as it is; None is left out. With ``reads_text_calls``, calls written in a
    reply's text are executed. Images are sent only if ``sees_images``. ``remote_host`` is where
    a local server says it forwards requests."""

    name: str
    think: Think | None = None
    tool_mode: ToolMode = ToolMode.NATIVE
    reads_text_calls: bool = True
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    keep_alive: str | None = None
    sees_images: bool = True
    remote_host: str | None = None

    @property
    def offers_tools(self) -> bool:
        return self.tool_mode is not ToolMode.NONE


_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)B")
_MANY_TOOLS_FROM_B = 14.0
"""Billions of parameters. Smaller models choose worse among more tools."""


def handles_many_tools(model: InstalledModel) -> bool:
    """Whether to offer tools that are not essential: only to large models, which cloud models are."""
    size = _SIZE.fullmatch(model.parameter_size)
    return runs_elsewhere(model.name, model.remote_host) or (
        size is not None and float(size[1]) >= _MANY_TOOLS_FROM_B
    )


@dataclass(frozen=True, slots=True)
class Prompt:
    """The request's content before it is adapted to a model: ``messages`` begins with the system
    prompt, if there is one."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    format: str | JsonObject | None = None
    stream: bool = True


@dataclass(frozen=True, slots=True)
class Preamble:
    """What precedes the conversation: the system prompt and the ``tools`` that the server renders."""

    system: str
    tools: tuple[ToolSpec, ...] = ()

    @property
    def tokens(self) -> int:
        """Approximate size in tokens, at four characters a token."""
        written = json.dumps([tool.to_json() for tool in self.tools]) if self.tools else ""
        return (len(self.system) + len(written)) // 4


def tool_mode(model: InstalledModel, text_tools: TextTools) -> ToolMode:
    """How tools are offered to ``model`` under the user's setting; if its abilities are unknown,
    the API is tried."""
    if text_tools == "on":
        return ToolMode.TEXT
    if model.may_have("tools"):
        return ToolMode.NATIVE
    return ToolMode.TEXT if text_tools == "auto" else ToolMode.NONE


def without_feature(choice: ModelChoice, feature: str) -> tuple[ModelChoice, str] | None:
    """The choice without ``feature``, which the server refused, and a message for the user; None if
    leaving it out changes nothing."""
    name = choice.name
    if feature == "tools" and choice.tool_mode is ToolMode.NATIVE:
        if choice.reads_text_calls:
            text = (
                f"{name} takes no tool calls of the server's own: it is told of its tools in words."
            )
            return replace(choice, tool_mode=ToolMode.TEXT), text
        text = f"{name} cannot call tools: it answers without reading or changing files."
        return replace(choice, tool_mode=ToolMode.NONE), text
    if feature == "thinking" and choice.think:
        return replace(choice, think=None), f"{name} cannot think: the effort is left out."
    if feature == "effort" and isinstance(choice.think, str):
        # A server that does not know the highest level knows the one below it.
        think: Think = "high" if choice.think == "max" else True
        text = f"{name} does not take the effort {choice.think} on this server: {effort_name(think)} is sent."
        return replace(choice, think=think), text
    if feature == "images" and choice.sees_images:
        return replace(choice, sees_images=False), f"{name} cannot see: pictures are left out."
    return None


def messages_to_send(choice: ModelChoice, prompt: Prompt) -> tuple[Message, ...]:
    """``messages`` in the form that this model accepts."""
    messages = prompt.messages
    if not choice.sees_images:
        messages = tuple(map(_without_images, messages))
    if choice.tool_mode is ToolMode.NATIVE:
        return messages
    worded = messages_in_words(messages)
    if choice.tool_mode is ToolMode.NONE or not prompt.tools:
        return worded
    return with_system_words(worded, tools_in_words(prompt.tools))


def _without_images(message: Message) -> Message:
    if isinstance(message, UserMessage) and message.images:
        return replace(message, images=())
    return message


def chat_request(choice: ModelChoice, prompt: Prompt) -> ChatRequest:
    return ChatRequest(
        model=choice.name,
        messages=messages_to_send(choice, prompt),
        tools=prompt.tools if choice.tool_mode is ToolMode.NATIVE else (),
        think=choice.think,
        options=choice.options,
        keep_alive=choice.keep_alive,
        format=prompt.format,
        stream=prompt.stream,
        # A prompt or an answer beyond the window is to be an error, not a silent cut.
        truncate=False,
        shift=False,
    )
