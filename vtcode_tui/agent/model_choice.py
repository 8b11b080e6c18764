"""The model of a request, the way its tools are offered, and the request made from both. Pure."""

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
    """How a model is told of tools: by the server's own way, in words, or not at all."""

    NATIVE = "native"
    TEXT = "text"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """``think`` goes on the wire as it is: None is not sent. ``reads_text_calls`` lets calls be read
    that stand in the text of a reply. Pictures are sent only to a model that ``sees_images``.
    ``remote_host`` is where a local server passes a request on to, as it says."""

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
    """Whether a tool that the work does not need is worth its place; cloud models are large."""
    size = _SIZE.fullmatch(model.parameter_size)
    return runs_elsewhere(model.name, model.remote_host) or (
        size is not None and float(size[1]) >= _MANY_TOOLS_FROM_B
    )


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked, before it is put into its own way: ``messages`` with the system prompt
    first, where there is one."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    format: str | JsonObject | None = None
    stream: bool = True


@dataclass(frozen=True, slots=True)
class Preamble:
    """What a model is told before the conversation; ``tools`` are those that the server renders."""

    system: str
    tools: tuple[ToolSpec, ...] = ()

    @property
    def tokens(self) -> int:
        """About how many tokens it takes: four characters a token, for JSON and English."""
        written = json.dumps([tool.to_json() for tool in self.tools]) if self.tools else ""
        return (len(self.system) + len(written)) // 4


def tool_mode(model: InstalledModel, text_tools: TextTools) -> ToolMode:
    """How ``model`` is offered tools under the user's setting; what is not known is tried."""
    if text_tools == "on":
        return ToolMode.TEXT
    if model.may_have("tools"):
        return ToolMode.NATIVE
    return ToolMode.TEXT if text_tools == "auto" else ToolMode.NONE


def without_feature(choice: ModelChoice, feature: str) -> tuple[ModelChoice, str] | None:
    """How to go on where the server refused ``feature``, with a word for the user; None where
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
    """The messages as this model takes them."""
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
