"""Handles signals on the event loop: those that end the program, so that the terminal is restored,
and those of the terminal."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_BY_KEY = (signal.SIGINT, signal.SIGQUIT)

terminal_lent = threading.Lock()
"""Held while another program has the terminal: signals from its keys are only for that program."""


def on_ending_signal(leave: Callable[[int], object]) -> None:
    """Call ``leave`` with the exit status 128 + signal when the process is asked to end.

    Without this the process would die at once and leave the terminal in the alternate screen. While
    the app has the terminal, Ctrl+C is a key there, so a SIGINT comes from elsewhere.
    """
    loop = asyncio.get_running_loop()

    def leave_by_key(status: int) -> None:
        if not terminal_lent.locked():
            leave(status)

    for number in _ENDING:
        loop.add_signal_handler(number, leave, 128 + number)
    for number in _BY_KEY:
        loop.add_signal_handler(number, leave_by_key, 128 + number)


def on_terminal_signals(
    *, new_size: Callable[[], object], stop: Callable[[], object], go_on: Callable[[], object]
) -> None:
    """Call the handlers on the event loop: a Python signal handler could deadlock on a lock held by
    the code that the signal interrupted."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGWINCH, new_size)
    loop.add_signal_handler(signal.SIGTSTP, stop)
    loop.add_signal_handler(signal.SIGCONT, go_on)
