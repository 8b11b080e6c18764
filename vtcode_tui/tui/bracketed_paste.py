"""Splits terminal input into text for Textual's key parser and complete bracketed pastes. Pure.

Textual parses a paste character by character, at a megabyte per second, and reports parts of it
that look like key sequences as keys.
"""

from __future__ import annotations

from collections.abc import Iterator

from textual import events

_BEGINS = "\x1b[200~"
_ENDS = "\x1b[201~"
_MARK = len(_ENDS)


class PasteSplitter:
    """Call ``feed`` with each read, in order. A paste whose start marker was split between two
    reads is left to the parser, which already has the beginning of the marker."""

    def __init__(self) -> None:
        self._parts: list[str] | None = None
        self._tail = ""
        self._is_with_parser = False

    def feed(self, text: str) -> Iterator[str | events.Paste]:
        """Yields text for the parser, and each paste once it is complete."""
        while text:
            if self._parts is not None:
                text, paste = self._collect(text, self._parts)
                if paste is not None:
                    yield paste
                continue
            joined = self._tail + text
            at = joined.find(_ENDS if self._is_with_parser else _BEGINS)
            if at < 0:
                self._tail = joined[1 - _MARK :]
                yield text
                return
            begins = at - len(self._tail)
            self._tail = ""
            if self._is_with_parser or begins < 0:
                self._is_with_parser = not self._is_with_parser
                begins += _MARK
                rest = text[begins:]
            else:
                self._parts = []
                rest = text[begins + _MARK :]
            if text[:begins]:
                yield text[:begins]
            text = rest

    def _collect(self, text: str, parts: list[str]) -> tuple[str, events.Paste | None]:
        """Collect the paste up to its end marker; return the text after it, and the paste if
        complete."""
        joined = self._tail + text
        at = joined.find(_ENDS)
        if at < 0:
            parts.append(joined[: 1 - _MARK])
            self._tail = joined[1 - _MARK :]
            return "", None
        parts.append(joined[:at])
        self._parts, self._tail = None, ""
        return joined[at + _MARK :], events.Paste("".join(parts).replace("\0", ""))
