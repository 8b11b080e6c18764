"""Makes all of a text visible: invisible characters become markers. Pure, never raises.

Used where the user consents to something. Nothing is dropped: each piece keeps its source, and the
sources of all pieces joined are the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from textual.content import Content, Span

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.tui.rendering.lookalikes import is_lookalike
from vtcode_tui.tui.rendering.tones import MARK, QUIET_MARK

PieceKind = Literal["text", "quiet", "loud"]

_STYLES = {"quiet": QUIET_MARK, "loud": MARK}
_LONG_RUN = 8
_LONGEST_INDENT = 40
_TAB = "⇥   "
_INTERESTING = re.compile(
    r"\n{3,}|\n| {8,}| +(?=\n|\Z)|[^\n\x20-\x7e\u00a1-\u00ac\u00ae-\u0130\u0132-\u0250\u0252-\u0260\u0262-\u02ff]",
)
_LOOKS_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    "\u180b\u180c\u180d\u180f" + "".join(map(chr, range(0xFE00, 0xFE10)))
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text. ``shown`` is drawn for ``source``; a loud marker warns of a possible
    deception."""

    shown: str
    source: str
    kind: PieceKind = "text"


def marked_pieces(text: str, *, keeps_indent: bool = False) -> list[Piece]:
    """``text`` with markers for tabs, trailing blanks, long runs of blanks and hidden characters.

    With ``keeps_indent``, for lines of a file, up to 40 leading blanks are kept, and the carriage
    return of a line end gets a quiet marker.
    """
    pieces: list[Piece] = []
    plain_from = 0
    for match in _INTERESTING.finditer(text):
        piece = _piece_for(match, text, keeps_indent)
        if piece is None:
            continue
        if match.start() > plain_from:
            plain = text[plain_from : match.start()]
            pieces.append(Piece(plain, plain))
        pieces.append(piece)
        plain_from = match.end()
    if plain_from < len(text):
        pieces.append(Piece(text[plain_from:], text[plain_from:]))
    return pieces


def marked_content(text: str, *, keeps_indent: bool = False) -> Content:
    """``marked_pieces`` as Content. Plain text never has the style of the markers."""
    if not may_need_markers(text):
        return Content(text, strip_control_codes=False)
    return content_of(marked_pieces(text, keeps_indent=keeps_indent))


def marked_lines(text: str) -> list[Content]:
    """``marked_content`` of each line of ``text``."""
    lines: list[Content] = []
    line: list[Piece] = []
    for piece in marked_pieces(text):
        first, *others = piece.shown.split("\n")
        line.append(Piece(first, "", piece.kind))
        for part in others:
            lines.append(content_of(line))
            line = [Piece(part, "", piece.kind)]
    lines.append(content_of(line))
    return lines


def content_of(pieces: list[Piece]) -> Content:
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for piece in pieces:
        parts.append(piece.shown)
        end = length + len(piece.shown)
        if piece.kind != "text" and piece.shown:
            spans.append(Span(length, end, _STYLES[piece.kind]))
        length = end
    return Content("".join(parts), spans, strip_control_codes=False)


def may_need_markers(text: str) -> bool:
    """Whether ``text``, one line, may contain something to mark. Cheap; may be a false alarm."""
    return _INTERESTING.search(text) is not None


def has_loud_marker(text: str) -> bool:
    """Whether ``text`` has characters or runs of blanks that could deceive a reader."""
    if not may_need_markers(text):
        return False
    return any(piece.kind == "loud" for piece in marked_pieces(text, keeps_indent=True))


def _piece_for(match: re.Match[str], text: str, keeps_indent: bool) -> Piece | None:
    """The piece for a match, or None if it is ordinary text."""
    source = match.group()
    if source == "\n":
        return Piece("\n", "\n")
    if source[0] == "\n":
        return Piece(f"\n··· {len(source):,} newlines ···\n", source, "loud")
    if source[0] == " ":
        return _piece_for_blanks(match, text, keeps_indent)
    if source == "\t":
        return Piece(_TAB, source, "quiet")
    if source == "\r" and keeps_indent and match.end() == len(text):
        return Piece("␍", source, "quiet")
    if source in _LOOKS_BLANK or 0xE0100 <= ord(source) <= 0xE01EF:
        return Piece(_code_point(source), source, "loud")
    if unicodedata.category(source) == "Zs":
        return Piece(_code_point(source), source, "loud")
    if is_lookalike(text, match.start()):
        return Piece(f"{source}{_code_point(source)}", source, "loud")
    shown = clean_text(source)
    return None if shown == source else Piece(shown, source, "loud")


def _piece_for_blanks(match: re.Match[str], text: str, keeps_indent: bool) -> Piece | None:
    count = len(match.group())
    is_indent = match.start() == 0 or text[match.start() - 1] == "\n"
    is_trailing = match.end() == len(text) or text[match.end()] == "\n"
    if is_indent and keeps_indent and count <= _LONGEST_INDENT and not is_trailing:
        return None
    if count >= _LONG_RUN:
        return Piece(f"··· {count:,} blanks ···", match.group(), "loud")
    return Piece("·" * count, match.group(), "quiet")


def _code_point(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"
