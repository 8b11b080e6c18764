"""Separates thinking in ``<think>`` tags from a model's content. Pure.

An Ollama server separates thinking for models with that capability; others, and old servers, leave
the tags in. They count at the beginning of a reply only, so that an answer can mention them. The
result does not depend on how the text is split into deltas.
"""

from __future__ import annotations

from enum import Enum

from vtcode_tui.ollama.types import ContentPart, ThinkingPart

_OPENINGS = ("<think>", "<thinking>", "<thought>")
_BLANKS_CAP = 4096


class _Place(Enum):
    BEGINNING = "beginning"
    THINKING = "thinking"
    ANSWER = "answer"


class ThinkTagSplitter:
    """Feed it the content of a reply, then call ``finish``. White space around thinking is dropped."""

    def __init__(self) -> None:
        self._place = _Place.BEGINNING
        self._waiting = ""
        self._closing = ""
        self._has_thought = False
        self._thinks_aloud = False

    def pass_on(self) -> None:
        """Treat everything as content: the server separates the thinking itself."""
        if self._place is _Place.BEGINNING:
            self._place = _Place.ANSWER

    def feed(self, text: str) -> list[ThinkingPart | ContentPart]:
        """The parts added by ``text``, in order."""
        self._waiting += text
        parts: list[ThinkingPart | ContentPart] = []
        while self._waiting:
            before = (self._place, len(self._waiting))
            part = self._next_part()
            if part is not None:
                parts.append(part)
            if before == (self._place, len(self._waiting)):
                break
        return parts

    def finish(self) -> list[ThinkingPart | ContentPart]:
        """Text that was held: half a tag, or white space."""
        rest, self._waiting = self._waiting, ""
        if self._place is _Place.THINKING:
            return [ThinkingPart(rest)] if rest.strip() else []
        return [ContentPart(rest)] if rest else []

    def _next_part(self) -> ThinkingPart | ContentPart | None:
        match self._place:
            case _Place.BEGINNING:
                self._begin()
                return None
            case _Place.THINKING:
                return self._think()
            case _Place.ANSWER:
                return ContentPart(self._take(len(self._waiting)))

    def _begin(self) -> None:
        """Blanks, then a tag that opens, or the answer."""
        start = self._waiting.lstrip()
        if self._has_thought:
            self._waiting = start
        opening = next((tag for tag in _OPENINGS if start.startswith(tag)), None)
        if opening is not None and len(self._waiting) - len(start) <= _BLANKS_CAP:
            self._waiting = start.removeprefix(opening)
            self._closing = opening.replace("<", "</")
            self._place, self._has_thought, self._thinks_aloud = _Place.THINKING, True, False
        elif len(self._waiting) - len(start) > _BLANKS_CAP or not _may_open(start):
            self._place = _Place.ANSWER

    def _think(self) -> ThinkingPart | None:
        if not self._thinks_aloud:
            self._waiting = self._waiting.lstrip()
            self._thinks_aloud = bool(self._waiting) and not self._closing.startswith(self._waiting)
        end = self._waiting.find(self._closing)
        if end >= 0:
            thinking = self._take(end)
            self._take(len(self._closing))
            self._place = _Place.BEGINNING
        elif self._thinks_aloud:
            thinking = self._take(len(self._waiting) - self._half_closing())
        else:
            return None
        return ThinkingPart(thinking) if thinking else None

    def _half_closing(self) -> int:
        """How many characters at the end may begin the closing tag."""
        sizes = range(len(self._closing) - 1, 0, -1)
        return next((size for size in sizes if self._waiting.endswith(self._closing[:size])), 0)

    def _take(self, size: int) -> str:
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken


def _may_open(start: str) -> bool:
    return any(tag.startswith(start) for tag in _OPENINGS)
