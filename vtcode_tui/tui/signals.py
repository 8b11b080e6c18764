"""Signals that end the program, taken on the event loop so that the terminal is put back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


def on_ending_signal(leave: Callable[[int], object]) -> None:
    """Call ``leave`` with the exit status 128 + signal when the process is asked to end.

    Without this the process dies at once and leaves the terminal in the alternate screen. While the
    app has the terminal, Ctrl+C is a key there: a SIGINT comes from elsewhere.
    """
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, leave, 128 + number)
