"""Replaces non-ASCII characters in everything drawn, for terminals without Unicode.

The filter sees every painted line of every screen, so no widget needs a second set of glyphs. A
glyph and its replacement are one cell wide.
"""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

GLYPHS = {
    **dict.fromkeys("▌▎▍▏▐│┃║▕", "|"),
    **dict.fromkeys("┆┊╎", ":"),
    **dict.fromkeys("─━═▔▁▂▃▄▅▆▇▀╌┄", "-"),
    **dict.fromkeys("┼┌┐└┘├┤┬┴╭╮╰╯╔╗╚╝╋", "+"),
    **dict.fromkeys("█▉▊▋■▓▒░◼", "#"),
    **dict.fromkeys("●•◉", "*"),
    **dict.fromkeys("○◦◌◇", "o"),
    **dict.fromkeys("▪∙·⋅", "-"),
    **dict.fromkeys("▸▶›»→⟩⏵❯", ">"),
    **dict.fromkeys("‹«←⟨", "<"),
    **dict.fromkeys("▾▼↓⌄", "v"),
    **dict.fromkeys("▲↑▴⌃", "^"),
    **dict.fromkeys("✓✔", "+"),
    **dict.fromkeys("✗✘×", "x"),
    **dict.fromkeys("…⋯", "~"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("–—−", "-"),
    **dict.fromkeys("⏎↵␍↩↪", "\\"),
    "⊘": "/",
    "◆": "?",
    "☐": "_",
    "☑": "x",
    "⇥": ">",
    "␡": "?",
    "�": "?",
    "µ": "u",
    "μ": "u",
    "\u00a0": " ",
}
"""ASCII replacements for the glyphs that the screens draw."""

_TABLE = str.maketrans(GLYPHS)


def in_ascii(text: str, *, only_glyphs: bool = False) -> str:
    """``text`` in the same number of cells of ASCII; with ``only_glyphs`` letters of all scripts
    stay."""
    if text.isascii():
        return text
    drawn = text.translate(_TABLE)
    if only_glyphs or drawn.isascii():
        return drawn
    return "".join(each if each.isascii() else _plain(each) for each in drawn)


def _plain(character: str) -> str:
    """The letter without its accent, or one question mark per cell."""
    base = unicodedata.normalize("NFKD", character)[0]
    width = cell_len(character)
    return base if base.isascii() and width == 1 else "?" * width


class AsciiFilter(LineFilter):
    """Replaces glyphs by ASCII; without ``only_glyphs`` all other text too."""

    def __init__(self, *, only_glyphs: bool) -> None:
        super().__init__()
        self._only_glyphs = only_glyphs

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment(in_ascii(segment.text, only_glyphs=self._only_glyphs), segment.style)
            for segment in segments
        ]
