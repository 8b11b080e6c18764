"""Reads what processes write, in the event loop, without letting a flood take it over."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import socket
from collections.abc import Callable, Iterator

_CHUNK_BYTES = 64 * 1024
_FLOOD_BYTES = 4 * 1024 * 1024
_FLOOD_PAUSE_S = 0.005


def pipe(stack: contextlib.ExitStack) -> tuple[io.FileIO, io.FileIO]:
    """A pipe whose reading end does not block; both ends are closed with ``stack``."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    reader = stack.enter_context(io.FileIO(read_end, "r"))
    return reader, stack.enter_context(io.FileIO(write_end, "w"))


@contextlib.contextmanager
def reading(
    loop: asyncio.AbstractEventLoop,
    source: io.FileIO | socket.socket,
    on_bytes: Callable[[bytes], None],
    at_end: asyncio.Event,
) -> Iterator[None]:
    """Pass on what ``source`` brings, and set ``at_end`` at its end.

    A flood is read with pauses, so that it cannot take the event loop for itself.
    """
    descriptor = source.fileno()
    total = 0
    pause: asyncio.TimerHandle | None = None

    def read() -> None:
        nonlocal total, pause
        try:
            chunk = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            loop.remove_reader(descriptor)
            at_end.set()
            return
        total += len(chunk)
        on_bytes(chunk)
        if total > _FLOOD_BYTES:
            loop.remove_reader(descriptor)
            pause = loop.call_later(_FLOOD_PAUSE_S, loop.add_reader, descriptor, read)

    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        if pause is not None:
            pause.cancel()


async def wait_at_most(event: asyncio.Event, timeout_s: float) -> bool:
    """Whether the event came within ``timeout_s`` seconds."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
