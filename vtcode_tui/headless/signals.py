"""Signals that end a command, so that what it runs ends with it and its session is whole."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Ending:
    """``status`` is the exit status 128 + signal once the process was asked to end."""

    def __init__(self) -> None:
        self.status: int | None = None


@contextmanager
def ends_the_task() -> Iterator[Ending]:
    """Cancel the running task when the process is asked to end; Ctrl+C is asyncio's own business."""
    loop, ending, task = asyncio.get_running_loop(), Ending(), asyncio.current_task()

    def end(number: int) -> None:
        ending.status = 128 + number
        if task is not None:
            task.cancel()

    for number in _ENDING:
        loop.add_signal_handler(number, end, number)
    try:
        yield ending
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)
