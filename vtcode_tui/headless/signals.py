"""Signals that end a command, so that its processes end with it and its session is complete."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ending:
    """``status`` is the exit status 128 + signal once the process was asked to end.

    ``stop`` ends the current work gracefully and returns whether there was any; it is called once,
    and a second signal cancels the task.
    """

    def __init__(self) -> None:
        self.status: int | None = None
        self.stop: Callable[[], bool] = lambda: False


@contextmanager
def ends_the_task() -> Iterator[Ending]:
    """End the running task on a signal. Signals that were ignored stay ignored."""
    loop, ending, task = asyncio.get_running_loop(), Ending(), asyncio.current_task()

    def end(number: int) -> None:
        is_first = ending.status is None
        ending.status = 128 + number
        if not (is_first and ending.stop()) and task is not None:
            task.cancel()

    heard = [each for each in _ENDING if signal.getsignal(each) is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, end, number)
    try:
        yield ending
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
