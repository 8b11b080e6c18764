"""Syntax highlighting as spans with theme variables. Pure, never raises; imports pygments on first
use.

The palette is deliberately small: keywords, strings, numbers, comments and names being defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from vtcode_tui.tui.rendering.tones import MUTED

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LineSpans: TypeAlias = "Sequence[tuple[int, int, str]]"
"""(start, end, style) in characters of one line."""

_LONGEST_LINE = 2_000
_STYLES = {
    "Comment": MUTED,
    "Keyword": "$text-primary",
    "Keyword.Constant": "$text-warning",
    "Literal.String": "$text-success",
    "Literal.String.Doc": MUTED,
    "Literal.Number": "$text-warning",
    "Name.Class": "bold",
    "Name.Function": "bold",
    "Name.Decorator": "$text-secondary",
    "Name.Tag": "$text-primary",
    "Name.Attribute": "$text-secondary",
    "Operator.Word": "$text-primary",
    "Generic.Heading": "bold",
    "Generic.Subheading": "bold",
}


def syntax_spans(lines: Sequence[str], path: str) -> list[LineSpans]:
    """Syntax spans for ``lines``, which are consecutive lines of the file at ``path``.

    Every entry is empty if the language is unknown or a line is longer than ``_LONGEST_LINE``.
    Takes about 3 us per character.
    """
    plain: list[LineSpans] = [() for _ in lines]
    if any(len(line) > _LONGEST_LINE for line in lines):
        return plain
    lexer = _lexer_for(path.rpartition("/")[2])
    if lexer is None:
        return plain
    # A line end inside a line would shift all lines that follow.
    code = "\n".join(line.replace("\n", " ").replace("\r", " ") for line in lines)
    spans: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    row = column = 0
    for _, token_type, value in lexer.get_tokens_unprocessed(code):
        style = _style_of(str(token_type))
        for index, part in enumerate(value.split("\n")):
            if index:
                row += 1
                column = 0
            if row >= len(spans):
                return plain
            if style and part:
                spans[row].append((column, column + len(part), style))
            column += len(part)
    return list(spans)


@lru_cache(maxsize=64)
def _lexer_for(file_name: str) -> Lexer | None:
    from pygments.lexers import find_lexer_class_for_filename

    lexer_class = find_lexer_class_for_filename(file_name)
    return None if lexer_class is None else lexer_class()


@lru_cache(maxsize=512)
def _style_of(token_name: str) -> str:
    """The style of a token type such as ``Token.Literal.String.Double``, taken from its nearest
    ancestor."""
    name = token_name.removeprefix("Token.")
    while name:
        if name in _STYLES:
            return _STYLES[name]
        name = name.rpartition(".")[0]
    return ""
