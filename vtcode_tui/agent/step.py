"""One request to the model: streams the reply into events and gives back the whole message."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field

from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.conversation.events import (
    ModelLoading,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    StepFinished,
    TextDelta,
    Usage,
    UsageUpdated,
)
from vtcode_tui.conversation.messages import AssistantMessage, ToolCall
from vtcode_tui.errors import ServerError
from vtcode_tui.ollama.catalogue import is_cloud_name
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import (
    CallsPart,
    ChatPart,
    ChatRequest,
    ContentPart,
    DonePart,
    HeadReceived,
    ThinkingPart,
)

_PROBE_S = 0.5


@dataclass(slots=True)
class Reply:
    """What has come of a reply so far. ``done_reason`` is None until the server said it is done."""

    content: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    tool_calls: list[ToolCall] = field(default_factory=list)
    done_reason: str | None = None
    usage: Usage | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.content or self.thinking or self.tool_calls)

    def message(self) -> AssistantMessage:
        return AssistantMessage(
            content="".join(self.content),
            thinking="".join(self.thinking),
            tool_calls=tuple(self.tool_calls),
        )


async def run_step(
    client: OllamaClient, request: ChatRequest, reply: Reply, emit: Emitter, known_ids: set[str]
) -> None:
    """Stream one reply into ``reply`` and ``emit``; whatever ends it, what came is in ``reply``.

    ``known_ids`` are the call ids used so far; a reply that repeats one gets a new id, since a
    result is matched to its call by it. Raises ServerError; closes the connection on cancel.
    """
    if not await is_loaded(client, request.model):
        emit(ModelLoading(request.model))
    try:
        async with aclosing(client.chat(request)) as parts:
            async for part in parts:
                _take(part, reply, emit, known_ids)
    finally:
        if not reply.is_empty:
            emit(StepFinished(reply.message(), request.model))


async def is_loaded(client: OllamaClient, model: str) -> bool:
    """Whether ``/api/ps`` lists the model. Ask before the request: a server lists a model that it
    is still loading. One that cannot say at once, and a model that runs elsewhere, count as loaded.
    """
    if is_cloud_name(model):
        return True
    try:
        async with asyncio.timeout(_PROBE_S):
            running = await client.ps()
    except (ServerError, TimeoutError):
        return True
    return any(entry.name in {model, f"{model}:latest"} for entry in running)


def _take(part: ChatPart, reply: Reply, emit: Emitter, known_ids: set[str]) -> None:
    match part:
        case HeadReceived():
            pass
        case ThinkingPart(text):
            reply.thinking.append(text)
            emit(ReasoningDelta(text))
        case ContentPart(text):
            reply.content.append(text)
            emit(TextDelta(text))
        case CallsPart(calls, problems):
            reply.tool_calls.extend(_with_new_id(call, known_ids) for call in calls)
            for problem in problems:
                emit(NoticeRaised(NoticeLevel.WARNING, problem))
        case DonePart(reason, usage):
            reply.done_reason, reply.usage = reason, usage
            emit(UsageUpdated(usage))


def _with_new_id(call: ToolCall, known_ids: set[str]) -> ToolCall:
    call_id, count = call.call_id, 1
    while call_id in known_ids:
        count += 1
        call_id = f"{call.call_id}-{count}"
    known_ids.add(call_id)
    return ToolCall(call_id, call.name, call.arguments)
