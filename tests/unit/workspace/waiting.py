"""Waiting for a condition with a bound, and looking for processes by a mark."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import anyio

MARK = "VTCODE_TEST_MARK"


async def wait_until(
    condition: Callable[[], bool], within_s: float, state: Callable[[], object] = lambda: ""
) -> None:
    """Return as soon as ``condition`` holds; fail with ``state`` after ``within_s`` seconds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {state()}"
        await anyio.sleep(0.01)


def marked_processes(mark: str) -> list[str]:
    """The command lines of living processes whose environment holds the mark."""
    wanted = f"{MARK}={mark}".encode()
    found: list[str] = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (directory / "environ").read_bytes().split(b"\0"):
                words = (directory / "cmdline").read_bytes().split(b"\0")
                found.append(b" ".join(words).decode("utf-8", "replace"))
        except OSError:
            continue
    return found
