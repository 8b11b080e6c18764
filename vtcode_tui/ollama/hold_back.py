"""Withholds text that begins like a tool call until it is clear whether it is one. Pure.

Other text passes at once, except for a few characters at its end that may be part of a marker. Text
that begins like a call is held until the reply ends or it is longer than calls are. The output is
always a prefix of the input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from vtcode_tui.ollama.call_shapes import ARGUMENT_KEYS, NAME_KEYS, WRAPPER_KEYS, plain_name
from vtcode_tui.ollama.text_calls import FENCE_KINDS, FEW_WORDS_CAP, MARKS

HELD_CAP = 128 * 1024
"""The longest text that is held, in characters."""

_UNDECIDED_CAP = 300
_LONGEST_BLANK = 4  # A line end and the blanks that may stand before a fence.
_KEYS = frozenset({*NAME_KEYS, *ARGUMENT_KEYS, *WRAPPER_KEYS, "type"})
_HALF_MARKS = (re.escape(mark[:size]) for mark in MARKS for size in range(1, len(mark)))
_PLACE = re.compile(
    rf"(?P<mark>(?<!`)(?:{'|'.join(map(re.escape, MARKS))}))"
    r"|(?P<fence>^ {0,3}```)"
    rf"|(?P<half>(?:(?<!`)(?:{'|'.join(_HALF_MARKS)})|^ {{1,3}}`{{0,2}}|^`{{1,2}})\Z)",
    re.MULTILINE,
)
_FENCE_LINE = re.compile(r"([A-Za-z_]*)[ \t]*\n")


class _Look(Enum):
    """What the text at a possible call is. ``OPEN`` needs more text to decide."""

    CALL = "call"
    OPEN = "open"
    OTHER = "other"


class HoldBack:
    """``names`` are the offered tools. Feed it a reply's content, then call ``finish``."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(map(plain_name, names))
        self._held: list[str] = []
        self._held_size = 0
        self._is_held = False
        self._passes_all = not self._names
        self._before = "\n"
        self._waiting = ""
        self._shown_size = 0
        self._has_words = False
        self._is_first = True
        self._fences = 0

    def feed(self, text: str) -> str:
        """The text that may be shown now."""
        if self._passes_all:
            return text
        if self._is_held:
            return self._hold(text)
        text = self._waiting + text
        end, self._is_held = self._passable(text)
        self._before = text[end - 1] if end else self._before
        self._shown_size += end
        self._has_words = self._has_words or bool(text[:end].strip())
        if not self._is_held:
            self._waiting = text[end:]
            return text[:end]
        self._waiting = ""
        return text[:end] + self._hold(text[end:])

    def finish(self) -> str:
        """The text that is still held."""
        rest = self._waiting + "".join(self._held)
        self._waiting = ""
        self._held.clear()
        return rest

    def _hold(self, text: str) -> str:
        self._held.append(text)
        self._held_size += len(text)
        if self._held_size <= HELD_CAP:
            return ""
        self._passes_all = True
        return self.finish()

    def _passable(self, text: str) -> tuple[int, bool]:
        """How much of ``text`` may be shown, and whether a call may begin after it."""
        position = 0
        if self._is_first:
            position = len(text) - len(text.lstrip())
            after = text[position : position + _UNDECIDED_CAP]
            look = _settled(self._json_look(after), after)
            if not after or look is not _Look.OTHER:
                return position, look is _Look.CALL
            self._is_first = False
        framed = self._before + text  # So that a line's beginning and a backtick can be seen.
        if not any(character in framed for character in "<[`"):
            position = max(position, len(text) - _LONGEST_BLANK)
        while (place := _PLACE.search(framed, position + 1)) is not None:
            position, end = place.start() - 1, place.end() - 1
            if place["half"] is not None:
                return position, False
            after = text[end : end + _UNDECIDED_CAP]
            if place["fence"] is not None:
                look = self._fence_look(after, text[:position])
            else:
                look = _Look.OTHER if self._fences % 2 else _mark_look(place["mark"], after)
            look = _settled(look, after)
            if look is not _Look.OTHER:
                return position, look is _Look.CALL
            self._fences += place["fence"] is not None
            position = end
        return len(text), False

    def _fence_look(self, after: str, before: str) -> _Look:
        """Whether a code fence holds a call, by the rules of ``text_calls``."""
        if self._fences or self._shown_size + len(before) > FEW_WORDS_CAP:
            return _Look.OTHER
        line = _FENCE_LINE.match(after)
        if line is None:
            return _open_if(any(kind.startswith(after.strip().lower()) for kind in FENCE_KINDS))
        if line[1].lower() not in FENCE_KINDS:
            return _Look.OTHER
        inside = after[line.end() :].lstrip()
        has_words = self._has_words or before.strip()
        for mark in () if has_words else MARKS:
            if inside.startswith(mark):
                return _mark_look(mark, inside[len(mark) :])
            if mark.startswith(inside):
                return _Look.OPEN
        return self._json_look(inside)

    def _json_look(self, text: str) -> _Look:
        """Whether JSON begins like a call of an offered tool: by its first key and the name."""
        if text[:1] == "[":
            text = text.lstrip("[ \t\r\n")
        if text[:1] not in ("", "{"):
            return _Look.OTHER
        key_text = text[1:].lstrip()
        key, quote, after = key_text[1:].partition('"')
        value = after.lstrip()
        if not key_text or (key_text[0] == '"' and not quote):
            return _open_if(any(known.startswith(key) for known in _KEYS))
        if key_text[0] != '"' or key not in _KEYS or value[:1] not in ("", ":"):
            return _Look.OTHER
        value = value[1:].lstrip()
        return self._value_look(key, value) if value else _Look.OPEN

    def _value_look(self, key: str, value: str) -> _Look:
        if key in ARGUMENT_KEYS or (key in WRAPPER_KEYS and value[0] in "{["):
            return _Look.CALL
        if value[0] != '"':
            return _Look.OTHER
        name, quote, _ = value[1:].partition('"')
        if key == "type":
            is_call = name == "function" if quote else "function".startswith(name)
        else:
            is_call = plain_name(name) in self._names if quote else True
        if quote:
            return _Look.CALL if is_call else _Look.OTHER
        return _open_if(is_call)


def _open_if(condition: bool) -> _Look:
    return _Look.OPEN if condition else _Look.OTHER


def _settled(look: _Look, after: str) -> _Look:
    """``look``, but OTHER if it is still open after more text than any call needs to be recognised."""
    return _Look.OTHER if look is _Look.OPEN and len(after) >= _UNDECIDED_CAP else look


def _mark_look(mark: str, after: str) -> _Look:
    """Whether what follows a marker can be a call."""
    if mark == "<function=":
        return _Look.CALL
    after = after.lstrip()
    if not after:
        return _Look.OPEN
    if mark == "[TOOL_CALLS]":
        return _Look.CALL if after[0] in "{[" or after[0].isalnum() else _Look.OTHER
    starts = ("{", "[", "<function=", "```")
    if after.startswith(starts):
        return _Look.CALL
    return _open_if(any(start.startswith(after) for start in starts))
