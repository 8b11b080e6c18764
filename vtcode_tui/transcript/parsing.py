"""The Markdown parser and what the rest needs to know of its tokens. Never raises.

One parser for the process, made at the first need: making one costs more than parsing a paragraph.
HTML stays text. Nesting is bounded; what is nested deeper is recognised by ``is_too_deep``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

References: TypeAlias = "dict[str, Any]"
"""The parser's own records of link definitions, by normalised label."""

_MAX_LEVEL = 100
_MANY_BRACKETS = 500


@lru_cache(maxsize=1)
def markdown_parser() -> MarkdownIt:
    """The parser: CommonMark with tables and strikethrough, without HTML."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _MAX_LEVEL})
    return parser.enable(["table", "strikethrough"])


def block_tokens(source: str, references: References) -> list[Token]:
    """The block tokens of ``source``; inline content is left unparsed.

    Link definitions that are found are added to ``references``.
    """
    tokens: list[Token] = []
    parser = markdown_parser()
    parser.block.parse(source, parser, {"references": references}, tokens)
    return tokens


def inline_tokens(content: str, references: References) -> list[Token]:
    """The tokens inside one block's text. Text that would be slow to parse comes back as it is."""
    from markdown_it.token import Token

    tokens: list[Token] = []
    if content.count("[") > _MANY_BRACKETS:
        return [Token("text", "", 0, content=content)]
    parser = markdown_parser()
    parser.inline.parse(content, parser, {"references": references}, tokens)
    return tokens


def is_too_deep(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the parser gave up on the nesting in ``tokens[start:end]`` and dropped the inside.

    Its levels count two for a list and one for a quote.
    """
    return any(tokens[index].level >= _MAX_LEVEL - 1 for index in range(start, end))


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """One block: its type, its source lines and its tokens, both with exclusive ends."""

    type: str
    first_line: int
    end_line: int
    first_token: int
    end_token: int


def siblings(tokens: Sequence[Token], start: int, end: int) -> list[SourceBlock]:
    """The blocks that stand side by side in ``tokens[start:end]``, whatever is inside them."""
    blocks: list[SourceBlock] = []
    index = start
    while index < end:
        close = closing_index(tokens, index)
        token = tokens[index]
        first, last = token.map or (0, 0)
        kind = token.type.removesuffix("_open")
        blocks.append(SourceBlock(kind, first, last, index, close + 1))
        index = close + 1
    return blocks


def closing_index(tokens: Sequence[Token], index: int) -> int:
    """The index of the token that closes the one at ``index``, or itself when it stands alone."""
    if tokens[index].nesting != 1:
        return index
    level = tokens[index].level
    for position in range(index + 1, len(tokens)):
        if tokens[position].nesting == -1 and tokens[position].level == level:
            return position
    return len(tokens) - 1
