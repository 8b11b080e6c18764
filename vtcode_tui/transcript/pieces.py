"""The pieces a Markdown answer is cut into: each is final and can be rendered once. Frozen values.

Rendering the pieces of an answer in order, with the state the earlier ones left (the columns of a
table, the open strings of a code block, the last line of a paragraph), gives the whole answer.
``gap`` says that a blank line stands before the piece. Texts are source, cleaned but for tabs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class MarkdownPiece:
    """One whole top-level block: a heading, a paragraph, a quote, a short table, a rule."""

    source: str
    gap: bool


@dataclass(frozen=True, slots=True)
class PlainPiece:
    """Source that is shown as it is, because parsing it would cost too much."""

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
    """A top-level code fence opens; ``language`` is the first word after the fence, or empty."""

    language: str
    gap: bool


@dataclass(frozen=True, slots=True)
class FenceLines:
    """Whole lines of the open fence, without line ends."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FenceEnd:
    pass


@dataclass(frozen=True, slots=True)
class TableStart:
    """The head and the first rows of a long table; they settle the widths of its columns."""

    source: str
    gap: bool


@dataclass(frozen=True, slots=True)
class TableRows:
    """More rows of the table that started last. ``source`` repeats the head before them."""

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
