"""Text buffers with constant-time append. Never raise."""

from __future__ import annotations

from collections import deque


class TextBuffer:
    """A growing text, stored in chunks."""

    __slots__ = ("_chunks",)

    def __init__(self, text: str = "") -> None:
        self._chunks: list[str] = [text] if text else []

    def append(self, text: str) -> None:
        self._chunks.append(text)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self._chunks)

    def take(self, cursor: int) -> tuple[str, int]:
        """What was appended since ``cursor`` (0 at first), and the next cursor."""
        fresh = self._chunks[cursor:]
        if not fresh:
            return "", cursor
        joined = "".join(fresh)
        self._chunks[cursor:] = [joined]
        return joined, cursor + 1

    def has_more(self, cursor: int) -> bool:
        """Whether anything was appended since ``cursor``."""
        return cursor < len(self._chunks)

    def compact(self) -> None:
        """Join the chunks: the text has ended."""
        self._chunks = [self.text]

    def tail(self, length: int) -> str:
        """The last ``length`` characters, or all if it is shorter."""
        gathered = 0
        for index in range(len(self._chunks) - 1, -1, -1):
            gathered += len(self._chunks[index])
            if gathered >= length:
                return "".join(self._chunks[index:])[-length:]
        return self.text


class TextTail:
    """The last ``limit`` characters, or a little more, of a text of any length."""

    __slots__ = ("_chunks", "_limit", "_size", "omitted")

    def __init__(self, limit: int = 16_384) -> None:
        self._chunks: deque[str] = deque()
        self._limit = limit
        self._size = 0
        self.omitted = 0

    def append(self, text: str) -> None:
        if len(text) > self._limit:
            self.omitted += len(text) - self._limit
            text = text[-self._limit :]
        self._chunks.append(text)
        self._size += len(text)
        while self._size - len(self._chunks[0]) >= self._limit:
            dropped = len(self._chunks.popleft())
            self._size -= dropped
            self.omitted += dropped

    def __bool__(self) -> bool:
        return self._size > 0

    @property
    def text(self) -> str:
        """The stored text. ``omitted`` counts the characters before it."""
        return "".join(self._chunks)
