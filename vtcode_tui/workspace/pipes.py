"""Reads what processes write, in the event loop, without letting a flood take it over."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import io
import os
import socket
from collections.abc import Callable, Iterator

_CHUNK_BYTES = 64 * 1024
_FLOOD_BYTES = 4 * 1024 * 1024
_FLOOD_PAUSE_S = 0.005
_FLOOD_CHUNK_BYTES = 1024 * 1024


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
    total, size = 0, _CHUNK_BYTES
    pause: asyncio.TimerHandle | None = None

    def read() -> None:
        nonlocal total, size, pause
        try:
            chunk = os.read(descriptor, size)
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
            if size < _FLOOD_CHUNK_BYTES:
                size = _FLOOD_CHUNK_BYTES
                _widen(descriptor)
            loop.remove_reader(descriptor)
            pause = loop.call_later(_FLOOD_PAUSE_S, loop.add_reader, descriptor, read)

    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        if pause is not None:
            pause.cancel()


def _widen(descriptor: int) -> None:
    """Let a pipe hold as much as is read at once; where it cannot, it is only slower."""
    with contextlib.suppress(OSError, AttributeError):  # Linux alone has it, and only for pipes.
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _FLOOD_CHUNK_BYTES)


async def wait_at_most(event: asyncio.Event, timeout_s: float) -> bool:
    """Whether the event came within ``timeout_s`` seconds."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
