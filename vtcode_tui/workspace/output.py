"""Keeps the beginning and the end of output of any length in bounded memory. Pure."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 192 * 1024


@dataclass(frozen=True, slots=True)
class KeptOutput:
    """``tail`` is empty if nothing was left out. Lines are counted by line feeds."""

    head: str
    tail: str = ""
    omitted_bytes: int = 0
    omitted_lines: int = 0

    @property
    def text(self) -> str:
        """Both ends, with a note of what was left out between them."""
        if not self.omitted_bytes:
            return self.head
        note = omission_note(self.omitted_lines, self.omitted_bytes)
        return f"{self.head}\n{note}\n{self.tail}"


def omission_note(lines: int, count: int) -> str:
    """The note in place of what was left out. ``count`` is in bytes."""
    return f"[... {lines:,} lines, {count:,} bytes left out ...]"


class OutputKeeper:
    """Consumes chunks of bytes; keeps at most ``head_bytes`` and a few times ``tail_bytes``."""

    def __init__(self, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        self._head_bytes = head_bytes
        self._tail_bytes = tail_bytes
        self._head = bytearray()
        self._tail = bytearray()
        self._lines = 0
        self.total_bytes = 0

    def add(self, chunk: bytes) -> None:
        self.total_bytes += len(chunk)
        self._lines += chunk.count(b"\n")
        room = self._head_bytes - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:] if room > 0 else chunk
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: len(self._tail) - self._tail_bytes]

    def kept(self) -> KeptOutput:
        return cut_bytes(
            bytes(self._head),
            bytes(self._tail),
            tail_bytes=self._tail_bytes,
            total_bytes=self.total_bytes,
            total_lines=self._lines,
        )


def cut_text(text: str, head_bytes: int, tail_bytes: int) -> KeptOutput:
    """The two ends of ``text``, cut as by OutputKeeper."""
    keeper = OutputKeeper(head_bytes, tail_bytes)
    keeper.add(text.encode("utf-8", "replace"))
    return keeper.kept()


def cut_bytes(
    head: bytes, tail: bytes, *, tail_bytes: int, total_bytes: int, total_lines: int
) -> KeptOutput:
    """``head`` and the last ``tail_bytes`` of ``tail``, cut between lines where possible."""
    if len(head) + len(tail) == total_bytes and len(tail) <= tail_bytes:
        return KeptOutput((head + tail).decode("utf-8", "replace"))
    head = head[: head.rfind(b"\n")] if b"\n" in head else _whole_characters(head)
    tail = tail[max(0, len(tail) - tail_bytes) :]
    first_break = tail.find(b"\n", 0, -1)
    tail = tail[first_break + 1 :] if first_break >= 0 else tail.lstrip(bytes(range(0x80, 0xC0)))
    return KeptOutput(
        head.decode("utf-8", "replace"),
        tail.decode("utf-8", "replace"),
        total_bytes - len(head) - len(tail),
        max(0, total_lines - head.count(b"\n") - tail.count(b"\n")),
    )


def _whole_characters(head: bytes) -> bytes:
    """``head`` without an incomplete character at its end."""
    for back in range(1, min(4, len(head)) + 1):
        byte = head[-back]
        if byte < 0x80:
            return head
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return head if back >= needed else head[:-back]
    return head
