"""Makes untrusted text harmless for a terminal; the only place that does. Pure, never raises.

What cannot be shown is replaced by a visible marker, so that nothing is hidden: ``␛`` for ESC,
``⟨U+202E⟩`` for a direction override, ``⟨92 marks⟩`` for combining marks beyond the eighth on one
character. The result contains no control, format, surrogate, private or unassigned characters
except the line feed, and cleaning it again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

_TAB_WIDTH = 8
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MOST_MARKS = 8
_NOT_PLAIN = r"[^\n\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff]"
# Scripts without marks are left out, so that long texts in them cost nothing.
_PICTOGRAPH = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINED_LETTER = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff"
_SHAPING_JOINER = rf"(?<=[{_PICTOGRAPH}\ufe0f])\u200d|(?<=[{_JOINED_LETTER}])[\u200c\u200d]"
_MAY_BE_MARKS = rf"[^\x00-\u02ff\u3400-\ua48c\uac00-\ud7a3]{{{MOST_MARKS + 1},}}"


def clean_text(text: str) -> str:
    """``text`` with every character that could act on a terminal replaced by a marker.

    Line feeds stay; CR LF becomes a line feed; a lone CR becomes ``␍``; a tab becomes blanks up to
    the next multiple of eight columns.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if "\t" in text:
        text = "\n".join(line.expandtabs(_TAB_WIDTH) for line in text.split("\n"))
    return re.sub(_MAY_BE_MARKS, _without_heaps, re.sub(_NOT_PLAIN, _marker, text))


def clean_prose(text: str, before: str = "") -> str:
    """Like ``clean_text``, for text that is only read, never executed: a joiner that shapes a
    pictograph, or a letter of a script that uses joiners, gets no marker.

    ``before`` is the character before ``text``, if the text comes in pieces.
    """
    if "\u200d" in text or "\u200c" in text:
        text = re.sub(_SHAPING_JOINER, "", before + text)[len(before) :]
    return clean_text(text)


def clean_line(text: str, limit: int | None = None) -> str:
    """``text`` cleaned and in one line, line feeds shown as ``⏎``; cut with ``…`` over ``limit``."""
    if limit is not None:
        text = text[: limit + 1]
    line = clean_text(text).replace("\n", "⏎")
    if limit is not None and len(line) > limit:
        return line[: max(0, limit - 1)] + "…"
    return line


def _marker(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"⟨U+{code:04X}⟩"


def _without_heaps(match: re.Match[str]) -> str:
    """The run of characters with at most ``MOST_MARKS`` combining marks each."""
    kept: list[str] = []
    for are_marks, group in groupby(match.group(), _is_mark):
        characters = list(group)
        kept += characters[:MOST_MARKS] if are_marks else characters
        if are_marks and len(characters) > MOST_MARKS:
            kept.append(f"⟨{len(characters) - MOST_MARKS} marks⟩")
    return "".join(kept)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
