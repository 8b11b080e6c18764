"""Removes control characters from everything painted, as a safety net under the cleaning of text.

Textual passes control characters to the terminal from any widget, so any that were missed are
dropped here, where every painted line passes.
"""

from __future__ import annotations

import re
import unicodedata

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NOT_PLAIN = r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff]"


class HarmlessFilter(LineFilter):
    """Drops control, format, surrogate, private and unassigned characters from painted lines."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment
            if segment.control or segment.text.isprintable()
            else Segment(re.sub(_NOT_PLAIN, _harmless, segment.text), segment.style)
            for segment in segments
        ]


def _harmless(match: re.Match[str]) -> str:
    character = match.group()
    return "" if unicodedata.category(character) in _UNSAFE else character
