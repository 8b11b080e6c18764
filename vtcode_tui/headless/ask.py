"""``ask``: one prompt, one answer on stdout as it streams, no tools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from vtcode_tui.conversation.events import (
    Event,
    NoticeRaised,
    ReasoningDelta,
    TextDelta,
    TurnEnd,
    TurnFinished,
)
from vtcode_tui.headless.streams import Streams


async def print_answer(events: AsyncGenerator[Event, None], streams: Streams) -> bool:
    """Write a turn's answer to stdout and its thinking to stderr; whether the turn succeeded.

    Raises BrokenPipeError when the reader of stdout is gone; the turn is interrupted then.
    """
    thinking = False
    async with aclosing(events), _ended_line(streams):
        async for event in events:
            match event:
                case ReasoningDelta(text):
                    thinking = True
                    streams.thinking(text)
                case TextDelta(text):
                    if thinking:
                        streams.thinking("\n\n")
                        thinking = False
                    streams.answer(text)
                case NoticeRaised(_, text):
                    streams.note(text)
                case TurnFinished():
                    return _report_end(event, streams)
                case _:
                    pass  # A question without tools has nothing else to show.
    return False


@asynccontextmanager
async def _ended_line(streams: Streams) -> AsyncIterator[None]:
    """Ends the answer's last line also when the user interrupts it."""
    try:
        yield
    except asyncio.CancelledError:
        streams.end_answer()
        raise


def _report_end(event: TurnFinished, streams: Streams) -> bool:
    streams.end_answer()
    if event.error is not None:
        streams.error(event.error)
        return False
    if event.end is TurnEnd.LENGTH:
        streams.note("the answer was cut off at the model's output limit")
    return event.end in {TurnEnd.DONE, TurnEnd.LENGTH}
