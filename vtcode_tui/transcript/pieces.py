"""The pieces that a Markdown answer is divided into: each is final and can be rendered once.

Rendering the pieces of an answer in order, with the state that earlier ones left (a table's
columns, open strings in code, a paragraph's last line), gives the whole answer. ``gap`` says that a
blank line precedes the piece. Texts are source, cleaned except for tabs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class MarkdownPiece:
    """One complete top-level block: a heading, a paragraph, a quote, a short table, a rule."""

    source: str
    gap: bool


@dataclass(frozen=True, slots=True)
class PlainPiece:
    """Source that is shown unparsed, because parsing it would take too long."""

    source: str
    gap: bool


@dataclass(frozen=True, slots=True)
class ListItemPiece:
    """One item of a top-level list. ``ordinal`` is its number, None for a bullet."""

    source: str
    gap: bool
    ordinal: int | None


@dataclass(frozen=True, slots=True)
class FenceStart:
    """The start of a top-level code fence; ``language`` is the first word after the fence, or
    empty."""

    language: str
    gap: bool


@dataclass(frozen=True, slots=True)
class FenceLines:
    """Complete lines of the open fence, without line ends."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FenceEnd:
    pass


@dataclass(frozen=True, slots=True)
class TableStart:
    """The head and first rows of a long table; they determine the widths of its columns."""

    source: str
    gap: bool


@dataclass(frozen=True, slots=True)
class TableRows:
    """More rows of the last table. ``source`` repeats its head."""

    source: str


@dataclass(frozen=True, slots=True)
class ParagraphPart:
    """A part of a long paragraph. All but its last wrapped line is final."""

    source: str
    gap: bool
    is_last: bool


Piece: TypeAlias = (
    MarkdownPiece
    | PlainPiece
    | ListItemPiece
    | FenceStart
    | FenceLines
    | FenceEnd
    | TableStart
    | TableRows
    | ParagraphPart
)
