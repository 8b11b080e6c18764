"""A terminal as a shell has it: what must hold when the app has gone, by whatever way."""

from __future__ import annotations

import os
import re
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.terminal import Terminal

_PRIVATE_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY_PUSHED, _KITTY_POPPED = re.compile(rb"\x1b\[>\d+u"), re.compile(rb"\x1b\[<\d*u")
# The cursor is shown and lines wrap: all else is off where a shell is.
_ON_AT_REST = {7, 25}
# The alternate screen, pastes in brackets, and the focus told of: what the app must have had.
_HAD = {1049, 2004, 1004, 1000, 1006}


def modes_on(received: bytes) -> set[int]:
    """The private modes that are on after all that a terminal was sent."""
    on = set(_ON_AT_REST)
    for match in _PRIVATE_MODE.finditer(received):
        numbers = set(map(int, match[1].split(b";")))
        on = on | numbers if match[2] == b"h" else on - numbers
    return on


def assert_at_rest(terminal: Terminal) -> None:
    # What was written last may still be on its way to here.
    wait_until(lambda: modes_on(bytes(terminal.received)) == _ON_AT_REST)
    received = bytes(terminal.received)
    had = {int(n) for match in _PRIVATE_MODE.finditer(received) for n in match[1].split(b";")}
    assert had >= _HAD, "the app never had the screen"
    pushed, popped = _KITTY_PUSHED.findall(received), _KITTY_POPPED.findall(received)
    assert len(pushed) == len(popped), "the keyboard protocol is left on"


def new_line_settings() -> list[Any]:
    """The line settings of a terminal that no program has used: read from the app's own, they may
    already be those that the app has set."""
    ends = os.openpty()
    try:
        return termios.tcgetattr(ends[0])
    finally:
        for end in ends:
            os.close(end)


@contextmanager
def watched(terminal: Terminal) -> Iterator[None]:
    """What is done in it must leave the line settings and the modes as they were."""
    yield
    assert termios.tcgetattr(terminal.process.child_fd) == new_line_settings()
    assert_at_rest(terminal)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def state_of(terminal: Terminal) -> str:
    """What the kernel says that the program does: R, S, T for stopped, Z for gone."""
    return Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def left_of(home: Path) -> list[str]:
    """The command lines of the processes that have this home: the app, and all that it started."""
    wanted = f"HOME={home}".encode()
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (path / "environ").read_bytes().split(b"\0"):
                words = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                found += [f"{path.name}: {words}"] if words else []
        except OSError:
            continue  # It ended while it was looked for, or it is another user's.
    return found
