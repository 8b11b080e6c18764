"""``ask`` with a prompt: one answer, written as it streams, no tools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from vtcode_tui.conversation.events import (
    Event,
    NoticeRaised,
    ReasoningDelta,
    RetryScheduled,
    StepFinished,
    TextDelta,
    TurnEnd,
    TurnFinished,
    Usage,
    UsageUpdated,
)
from vtcode_tui.conversation.messages import AssistantMessage
from vtcode_tui.headless.output import Answer, Output
from vtcode_tui.headless.streams import Streams


async def print_answer(
    events: AsyncGenerator[Event, None], streams: Streams, output: Output, model: str
) -> bool:
    """Write a turn's answer to ``output``; return whether there was one.

    Raises BrokenPipeError if the reader of stdout is gone; the turn is then interrupted.
    """
    message, usage = AssistantMessage(), Usage()
    try:
        async with aclosing(events):
            async for event in events:
                match event:
                    case ReasoningDelta(text):
                        output.thinking(text)
                    case TextDelta(text):
                        output.text(text)
                    case NoticeRaised(_, text):
                        streams.note(text)
                    case RetryScheduled(_, delay_s, error):
                        streams.note(f"{error.what} Trying again in {delay_s:.1f} s.")
                    case StepFinished(finished, _):
                        message = finished
                    case UsageUpdated(counted):
                        usage = counted
                    case TurnFinished():
                        return _finish(event, Answer(model, message, usage=usage), streams, output)
                    case _:
                        pass  # A question without tools has nothing else to show.
    except asyncio.CancelledError:
        output.fail("interrupted")
        raise
    return False


def _finish(event: TurnFinished, answer: Answer, streams: Streams, output: Output) -> bool:
    if event.end is TurnEnd.DONE:
        output.finish(answer)
        return bool(answer.message.content.strip())
    if event.end is TurnEnd.LENGTH:
        output.finish(Answer(answer.model, answer.message, "length", answer.usage))
        return True
    output.fail(event.error.what if event.error else "interrupted")
    if event.error is not None:
        streams.error(event.error)
    return False
