"""Syntax highlighting line by line: each line is highlighted once.

The lexer's state is carried from line to line, so that the colours of a line depend only on the
lines before it. Never raises; code in an unknown language and long lines stay plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.lines import Run

if TYPE_CHECKING:
    import re

    from pygments.lexer import Lexer
    from pygments.token import _TokenType

    _Action: TypeAlias = (
        _TokenType | Callable[[Lexer, re.Match[str]], Iterator[tuple[int, _TokenType, str]]] | None
    )
    _Move: TypeAlias = tuple[str | int, ...] | int | str | None
    _Rules: TypeAlias = list[tuple[Callable[[str, int], re.Match[str] | None], _Action, _Move]]

_LONGEST_LINE = 1_000
_SLASH_COMMENTS = ("/*", "*/")
_MARKUP_COMMENTS = ("<!--", "-->")
_COMMENTS = dict.fromkeys(
    [
        "c",
        "cpp",
        "csharp",
        "css",
        "dart",
        "go",
        "groovy",
        "java",
        "javascript",
        "jsx",
        "kotlin",
        "less",
        "objective-c",
        "php",
        "protobuf",
        "rust",
        "scala",
        "scss",
        "solidity",
        "swift",
        "typescript",
        "tsx",
    ],
    _SLASH_COMMENTS,
) | dict.fromkeys(["html", "xml", "vue", "svelte"], _MARKUP_COMMENTS)
_ROLE_OF_TOKEN = {
    "Comment": styles.COMMENT | styles.ITALIC,
    "Comment.Preproc": styles.KEYWORD,
    "Keyword": styles.KEYWORD,
    "Keyword.Type": styles.TYPE,
    "Keyword.Constant": styles.NUMBER,
    "Name.Function": styles.FUNCTION | styles.BOLD,
    "Name.Class": styles.FUNCTION | styles.BOLD,
    "Name.Exception": styles.TYPE,
    "Name.Builtin": styles.BUILTIN,
    "Name.Decorator": styles.TYPE,
    "Name.Tag": styles.KEYWORD,
    "Name.Attribute": styles.TYPE,
    "Name.Constant": styles.NUMBER,
    "Name.Label": styles.TYPE,
    "Literal": styles.NUMBER,
    "Literal.String": styles.STRING,
    "Literal.String.Escape": styles.NUMBER,
    "Literal.String.Interpol": styles.NUMBER,
    "Operator.Word": styles.KEYWORD,
    "Generic.Heading": styles.HEADING | styles.BOLD,
    "Generic.Subheading": styles.HEADING,
    "Generic.Inserted": styles.SUCCESS,
    "Generic.Deleted": styles.ERROR,
    "Generic.Error": styles.ERROR,
    "Generic.Prompt": styles.MUTED,
    "Generic.Output": styles.MUTED,
    "Generic.Strong": styles.CODE | styles.BOLD,
    "Generic.Emph": styles.CODE | styles.ITALIC,
}


_COMMENT = styles.COMMENT | styles.ITALIC | styles.CODE_BACKGROUND


class CodeHighlighter:
    """Highlights the lines of one code block in order. ``language`` is a name or a path."""

    __slots__ = ("_in_comment", "_language", "_lexer", "_stack")

    def __init__(self, language: str) -> None:
        self._lexer = _lexer_for(language)
        self._language = self._lexer.aliases[0] if self._lexer and self._lexer.aliases else ""
        self._stack: list[str] = ["root"]
        self._in_comment = False

    def fork(self) -> CodeHighlighter:
        """A copy that continues from here without changing this one."""
        fork = CodeHighlighter.__new__(CodeHighlighter)
        fork._lexer, fork._language = self._lexer, self._language
        fork._stack, fork._in_comment = list(self._stack), self._in_comment
        return fork

    def line(self, text: str) -> list[Run]:
        """Highlight the next line, given without its line feed, on the code background."""
        if self._lexer is None or len(text) > _LONGEST_LINE:
            return [(text, styles.CODE | styles.CODE_BACKGROUND)] if text else []
        markers = _COMMENTS.get(self._language)
        if markers is not None:
            return self._line_with_comments(self._lexer, text, *markers)
        return self._lexed(self._lexer, text)

    def _lexed(self, lexer: Lexer, text: str) -> list[Run]:
        runs: list[Run] = []
        last_key = -1
        for token, value in _tokens(lexer, text + "\n", self._stack):
            value = value.rstrip("\n")
            if not value:
                continue
            key = _key_of(token)
            if key == last_key:
                runs[-1] = (runs[-1][0] + value, key)
            else:
                runs.append((value, key))
                last_key = key
        return runs

    def _line_with_comments(self, lexer: Lexer, text: str, begin: str, end: str) -> list[Run]:
        """Highlight a line of a language with block comments. Its lexer matches only whole
        comments, so open ones are tracked here."""
        done: list[Run] = []
        if self._in_comment:
            closing = text.find(end)
            if closing < 0:
                return [(text, _COMMENT)] if text else []
            self._in_comment = False
            done = [(text[: closing + len(end)], _COMMENT)]
            text = text[closing + len(end) :]
        opening = text.rfind(begin)
        if opening < 0 or end in text[opening:] or self._is_quoted(lexer, text, opening):
            return done + self._lexed(lexer, text)
        self._in_comment = True
        head = self._lexed(lexer, text[:opening]) if opening else []
        return [*done, *head, (text[opening:], _COMMENT)]

    def _is_quoted(self, lexer: Lexer, text: str, position: int) -> bool:
        """Whether ``position`` is inside a string or comment that begins before it."""
        reached = 0
        for part, key in self.fork()._lexed(lexer, text):
            if reached == position:
                return False
            reached += len(part)
            if reached > position:
                return key in (_COMMENT, styles.STRING | styles.CODE_BACKGROUND)
        return False


def _tokens(lexer: Lexer, text: str, stack: list[str]) -> Iterator[tuple[_TokenType, str]]:
    """The tokens of one line. ``stack`` is the lexer's state, which is updated."""
    from pygments.lexer import ExtendedRegexLexer, RegexLexer

    if not isinstance(lexer, RegexLexer) or isinstance(lexer, ExtendedRegexLexer):
        for _, token, value in lexer.get_tokens_unprocessed(text):
            yield token, value
        return
    yield from _regex_tokens(lexer, text, stack)


def _regex_tokens(lexer: Lexer, text: str, stack: list[str]) -> Iterator[tuple[_TokenType, str]]:
    """The loop of a RegexLexer, with a state that persists between lines."""
    from pygments.token import Error, _TokenType

    table = cast("dict[str, _Rules]", getattr(lexer, "_tokens"))  # noqa: B009 - not in the stubs
    position, length = 0, len(text)
    while position < length:
        for matcher, action, move in table[stack[-1]]:
            match = matcher(text, position)
            if match is None:
                continue
            if isinstance(action, _TokenType):
                yield action, match.group()
            elif action is not None:
                for _, token, value in action(lexer, match):
                    yield token, value
            position = match.end()
            _move(stack, move)
            break
        else:
            yield Error, text[position]
            position += 1


def _move(stack: list[str], move: _Move) -> None:
    """Update the state according to a rule of the lexer."""
    if move is None:
        return
    if isinstance(move, int):
        _pop(stack, -move)
    elif isinstance(move, str):
        stack.append(stack[-1] if move == "#push" else move)
    else:
        for state in move:
            if state == "#pop":
                _pop(stack, 1)
            elif state == "#push":
                stack.append(stack[-1])
            else:
                stack.append(str(state))
    del stack[:-64]


def _pop(stack: list[str], count: int) -> None:
    del stack[max(1, len(stack) - count) :]


@lru_cache(maxsize=64)
def _lexer_for(language: str) -> Lexer | None:
    from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
    from pygments.util import ClassNotFound

    name = language.strip("{}.").lower()
    if not name or name in ("text", "plain", "plaintext", "txt"):
        return None
    try:
        return get_lexer_by_name(name)
    except ClassNotFound:
        found = find_lexer_class_for_filename(language) if "." in language else None
        return found() if found else None


@lru_cache(maxsize=512)
def _key_of(token: _TokenType) -> int:
    parts: Sequence[str] = token
    for length in range(len(parts), 0, -1):
        key = _ROLE_OF_TOKEN.get(".".join(parts[:length]))
        if key is not None:
            return key | styles.CODE_BACKGROUND
    return styles.CODE | styles.CODE_BACKGROUND
