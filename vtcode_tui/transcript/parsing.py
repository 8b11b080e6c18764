"""The Markdown parser and helpers for its tokens. Never raises.

One parser per process, created on first use: creating one costs more than parsing a paragraph. HTML
stays text. Nesting is limited; deeper nesting is detected by ``is_too_deep``.
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

    Link definitions are added to ``references``.
    """
    tokens: list[Token] = []
    parser = markdown_parser()
    parser.block.parse(source, parser, {"references": references}, tokens)
    return tokens


def inline_tokens(content: str, references: References) -> list[Token]:
    """The tokens inside one block's text. Text that would be slow to parse is returned as plain
    text."""
    from markdown_it.token import Token

    tokens: list[Token] = []
    if content.count("[") > _MANY_BRACKETS:
        return [Token("text", "", 0, content=content)]
    parser = markdown_parser()
    parser.inline.parse(content, parser, {"references": references}, tokens)
    return tokens


def is_too_deep(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the parser gave up on the nesting in ``tokens[start:end]`` and dropped the inside.

    A list counts as two levels, a quote as one.
    """
    return any(tokens[index].level >= _MAX_LEVEL - 1 for index in range(start, end))


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """One block: its type, source lines and tokens, both with exclusive ends."""

    type: str
    first_line: int
    end_line: int
    first_token: int
    end_token: int


def siblings(tokens: Sequence[Token], start: int, end: int) -> list[SourceBlock]:
    """The blocks at the top level of ``tokens[start:end]``."""
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
    """The index of the token that closes the one at ``index``, or ``index`` if it stands alone."""
    if tokens[index].nesting != 1:
        return index
    level = tokens[index].level
    for position in range(index + 1, len(tokens)):
        if tokens[position].nesting == -1 and tokens[position].level == level:
            return position
    return len(tokens) - 1
