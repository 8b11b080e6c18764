"""Reads a whole reply of the client, whatever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from vtcode_tui.conversation.messages import ToolCall, UserMessage
from vtcode_tui.errors import ServerError
from vtcode_tui.ollama.types import (
    CallsPart,
    ChatPart,
    ChatRequest,
    ContentPart,
    DonePart,
    HeadReceived,
    ThinkingPart,
)

STREAM_HEAD = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}
HELLO = ChatRequest("qwen3:1.7b", (UserMessage("Hello"),))


@dataclass
class Collected:
    """``kinds`` are the parts' kinds in order, neighbours of one kind as one."""

    text: str = ""
    thinking: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    done: DonePart | None = None
    error: ServerError | None = None
    kinds: list[str] = field(default_factory=list)
    parts: list[ChatPart] = field(default_factory=list)

    def take(self, part: ChatPart) -> None:
        self.parts.append(part)
        kind = type(part).__name__
        if self.kinds[-1:] != [kind]:
            self.kinds.append(kind)
        match part:
            case HeadReceived():
                pass
            case ThinkingPart(text):
                self.thinking += text
            case ContentPart(text):
                self.text += text
            case CallsPart(calls, problems):
                self.calls += calls
                self.problems += problems
            case DonePart():
                self.done = part

    def same_as(self, other: Collected) -> bool:
        """Whether both hold the same, however the deltas were joined."""
        mine, others = (
            (c.text, c.thinking, c.calls, c.problems, c.done, str(c.error), c.kinds)
            for c in (self, other)
        )
        return mine == others


async def collect(parts: AsyncGenerator[ChatPart, None], bound_s: float = 30.0) -> Collected:
    """TimeoutError after ``bound_s``: a reply without an end fails its test, not the run."""
    collected = Collected()
    try:
        async with asyncio.timeout(bound_s), aclosing(parts):
            async for part in parts:
                collected.take(part)
    except ServerError as error:
        collected.error = error
    return collected
