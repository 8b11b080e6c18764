"""A bounded buffer between the task that reads a connection and the consumer of the stream."""

from __future__ import annotations

import asyncio
from collections import deque

_FULL_BYTES = 256 * 1024
_SLICE_BYTES = 8 * 1024
"""A few milliseconds of work: a key that is typed meanwhile waits for some such slices."""


class Inbox:
    """The reader waits while it is full. Bytes read before the end can still be taken.

    The consumer sets ``is_complete`` when it needs nothing more.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self.has_head = False
        self._is_closed = False
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._since_pause = 0
        self._head_or_end = asyncio.Event()
        self._bytes_or_end = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def is_full(self) -> bool:
        return self._size >= _FULL_BYTES

    def open(self) -> None:
        """The response head has arrived."""
        self.has_head = True
        self._head_or_end.set()

    async def put(self, piece: bytes) -> None:
        """Add ``piece`` and wait until there is room again; now and then yield to other tasks."""
        self._pieces.append(piece)
        self._size += len(piece)
        self._bytes_or_end.set()
        self._since_pause += len(piece)
        if self._since_pause >= _SLICE_BYTES:
            self._since_pause = 0
            await asyncio.sleep(0)
        while self.is_full:
            self._room.clear()
            await self._room.wait()

    def close(self) -> None:
        """Mark the end of the stream."""
        self._is_closed = True
        self._head_or_end.set()
        self._bytes_or_end.set()

    async def wait_for_head(self) -> None:
        """Wait for the head, or for the end."""
        await self._head_or_end.wait()

    async def take(self) -> bytes:
        """The next bytes, at most a few thousand; empty at the end.

        Yields to other tasks even if bytes are available.
        """
        if self._pieces:
            await asyncio.sleep(0)
        while not self._pieces:
            if self._is_closed:
                return b""
            self._bytes_or_end.clear()
            await self._bytes_or_end.wait()
        taken: list[bytes] = []
        size = 0
        while self._pieces and size < _SLICE_BYTES:
            piece = self._pieces.popleft()
            size += len(piece)
            taken.append(piece)
        self._size -= size
        self._room.set()
        return b"".join(taken)


async def stop(reader: asyncio.Task[None], grace_s: float) -> None:
    """End ``reader`` within ``grace_s`` seconds and wait until its connection is closed."""
    if grace_s:
        await asyncio.wait({reader}, timeout=grace_s)
    reader.cancel()
    await asyncio.wait({reader})
    if not reader.cancelled():
        reader.exception()
