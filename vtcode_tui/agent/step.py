"""One request to the model: streams the reply into events and gives back the whole message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import field

from vtcode_tui.conversation.events import (
    Event,
    ModelLoading,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    StepFinished,
    TextDelta,
    Usage,
    UsageUpdated,
)
from vtcode_tui.conversation.messages import AssistantMessage, Message, ToolCall
from vtcode_tui.errors import ServerError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama.catalogue import is_cloud_name
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.quoting import quoted_calls
from vtcode_tui.ollama.reply_text import ReplyText
from vtcode_tui.ollama.text_calls import TextReply
from vtcode_tui.ollama.types import (
    CallsPart,
    ChatPart,
    ChatRequest,
    ContentPart,
    DonePart,
    HeadReceived,
    ThinkingPart,
    ToolSpec,
)

_PROBE_S = 0.5


@dataclass(slots=True)
class Reply:
    """What has arrived of a reply. ``done_reason`` is None until the server ends it.

    ``problems`` maps the ids of calls that must not run to the text that the model gets as their
    result; ``quoted`` are the ids of calls that occur verbatim in the model's input; ``written`` is
    the content as received, including calls written as text.
    """

    content: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    tool_calls: list[ToolCall] = field(default_factory=list)
    done_reason: str | None = None
    usage: Usage | None = None
    problems: dict[str, str] = field(default_factory=dict)
    quoted: set[str] = field(default_factory=set)
    written: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.content or self.thinking or self.tool_calls)

    @property
    def is_blank(self) -> bool:
        """Whether the reply is complete and has nothing but thinking. A truncated one is not
        complete."""
        is_whole = self.done_reason is not None and self.done_reason != "length"
        return is_whole and not self.tool_calls and not any(map(str.strip, self.content))

    def message(self) -> AssistantMessage:
        return AssistantMessage(
            content="".join(self.content),
            thinking="".join(self.thinking),
            tool_calls=tuple(self.tool_calls),
        )


async def run_step(
    client: OllamaClient,
    request: ChatRequest,
    reply: Reply,
    emit: Callable[[Event], None],
    known_ids: set[str],
    *,
    text_tools: Sequence[ToolSpec] = (),
) -> None:
    """Stream one reply into ``reply`` and ``emit``; what arrived stays in ``reply`` however it
    ends.

    ``known_ids`` are the call ids used so far; a repeated id is replaced, since results are matched
    to calls by id. Calls of ``text_tools`` are parsed from the text of a complete reply without
    calls of the server's own. Raises ServerError; closes the connection on cancellation.
    """
    if not await is_loaded(client, request.model):
        emit(ModelLoading(request.model))
    reading = _Reading(
        ReplyText(text_tools),
        reply,
        emit,
        known_ids,
        request.messages,
        is_agreed=not request.tools,
    )
    try:
        async with aclosing(client.chat(request)) as parts:
            async for part in parts:
                reading.take(part)
    finally:
        reading.finish()
        if not reply.is_empty:
            emit(StepFinished(reply.message(), request.model))


async def is_loaded(client: OllamaClient, model: str) -> bool:
    """Whether ``/api/ps`` lists the model. Must be asked before the request, since a server also
    lists a model that it is still loading. If the server does not answer quickly, or the model
    runs elsewhere, it counts as loaded."""
    if is_cloud_name(model):
        return True
    try:
        async with asyncio.timeout(_PROBE_S):
            running = await client.ps()
    except (ServerError, TimeoutError):
        return True
    return any(entry.name in {model, f"{model}:latest"} for entry in running)


@dataclass(slots=True)
class _Reading:
    """Consumes a reply part by part. ``is_agreed`` says that the model was told to write calls as
    text."""

    text: ReplyText
    reply: Reply
    emit: Callable[[Event], None]
    known_ids: set[str]
    messages: Sequence[Message]
    is_agreed: bool
    is_finished: bool = False

    def take(self, part: ChatPart) -> None:
        match part:
            case HeadReceived():
                pass
            case ThinkingPart():
                self.text.thinks_apart()
                self._show([part])
            case ContentPart(text):
                self._show(self.text.feed(text))
            case CallsPart(calls, problems):
                self.reply.tool_calls.extend(_with_new_id(call, self.known_ids) for call in calls)
                for problem in problems:
                    self.emit(NoticeRaised(NoticeLevel.WARNING, problem))
            case DonePart(reason, usage):
                self.reply.done_reason, self.reply.usage = reason, usage
                self.finish()
                self.emit(UsageUpdated(usage))

    def finish(self) -> None:
        """Show what was held back, and take the calls written as text. Runs once."""
        if self.is_finished:
            return
        self.is_finished = True
        is_whole = self.reply.done_reason not in (None, "length")
        parts, result = self.text.finish(reads_calls=is_whole and not self.reply.tool_calls)
        self._show(parts)
        self.reply.written = self.text.content
        if result.calls:
            self._take_calls(result)

    def _show(self, parts: Sequence[ThinkingPart | ContentPart]) -> None:
        for part in parts:
            match part:
                case ThinkingPart(text):
                    self.reply.thinking.append(text)
                    self.emit(ReasoningDelta(text))
                case ContentPart(text):
                    self.reply.content.append(text)
                    self.emit(TextDelta(text))

    def _take_calls(self, result: TextReply) -> None:
        self.reply.content[:] = [result.text] if result.text else []
        quoted = quoted_calls(result.calls, self.text.content[len(result.text) :], self.messages)
        for number, written in enumerate(result.calls, start=1):
            call = ToolCall(f"call_text_{number}", written.name, written.arguments)
            call = _with_new_id(call, self.known_ids)
            self.reply.tool_calls.append(call)
            if written.problem:
                self.reply.problems[call.call_id] = written.problem
            if written in quoted:
                self.reply.quoted.add(call.call_id)
        if not (self.is_agreed and result.is_tagged) or any(c.repairs for c in result.calls):
            self.emit(NoticeRaised(NoticeLevel.INFO, _recovered(result)))


def _recovered(result: TextReply) -> str:
    names = ", ".join(dict.fromkeys(call.name for call in result.calls))
    if any(call.problem for call in result.calls):
        return f"A call of {names} was written as text, and it does not fit its tool."
    repairs = "; ".join(repair for call in result.calls for repair in call.repairs)
    mended = f" Mended: {repairs}." if repairs else ""
    return f"A call of {names} was written as text and recovered from it.{mended}"


def _with_new_id(call: ToolCall, known_ids: set[str]) -> ToolCall:
    call_id, count = call.call_id, 1
    while call_id in known_ids:
        count += 1
        call_id = f"{call.call_id}-{count}"
    known_ids.add(call_id)
    return ToolCall(call_id, call.name, call.arguments)
