"""The positive grammar of a command line: static words, four separators, two kinds of redirection.

Pure and total. Whatever is not in the grammar raises ``Unproven``: nothing is guessed. For what is
in it, bash and this module see the same commands and the same words, whatever the environment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vtcode_tui.permissions.unproven import Unproven

MAX_COMMAND_BYTES = 4096
MAX_COMMANDS = 16


@dataclass(frozen=True, slots=True)
class Word:
    """``text`` is what the program gets, ``source`` how it was written."""

    text: str
    source: str

    @property
    def is_bare(self) -> bool:
        return self.text == self.source


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One program and its words, of which there is at least one."""

    words: tuple[Word, ...]
    is_redirected: bool
    reads_pipe: bool

    @property
    def argv(self) -> tuple[str, ...]:
        return tuple(word.text for word in self.words)


_END = r"(?=[ ;|&]|\Z)"
_TOKEN = re.compile(
    rf"""
      (?P<blank>\ +)
    | (?P<redirection>(?:2>&1|1?>&2){_END}
        |(?:[12]?>>?|&>>?|<)\ *(?P<target>/dev/null{_END}|[^ ;|&]*))
    | (?P<separator>&&|\|\||;(?!;)|\|(?!&))
    | (?P<word>(?:
          [A-Za-z0-9_./:,@%+=^-]
        | [^\x00-\x7f]
        | (?<=[A-Za-z0-9@^}}~])~
        | (?<=@)\{{[A-Za-z0-9_-]+\}}
        | \{{\}}
        | \\[\x20-\x7e]
        | '[^']*'
        | "(?:[^"$`\\!]|\\[\x20\x23\x25-\x5b\x5d-\x5f\x61-\x7e])*"
      )+)
    """,
    re.VERBOSE,
)
_PIECE = re.compile(r"""\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>.)""")


def lex(text: str) -> tuple[SimpleCommand, ...]:
    """The commands of ``text`` in order, at least one. Raises ``Unproven`` for all other text."""
    text = text.strip(" \n")
    check_size(text)
    check_characters(text)
    line = _Line()
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise Unproven(_why_not(text, position))
        line.take(token)
        position = token.end()
    return line.finish()


def check_size(text: str) -> None:
    if not text:
        raise Unproven("is empty")
    if len(text) > MAX_COMMAND_BYTES or len(text.encode(errors="replace")) > MAX_COMMAND_BYTES:
        raise Unproven(f"is longer than {MAX_COMMAND_BYTES} bytes")


def check_characters(text: str) -> None:
    if "\n" in text:
        raise Unproven("has several lines")
    if not text.isprintable():
        raise Unproven("holds characters that cannot be seen")


def check_redirection(target: str | None) -> None:
    """``target`` is the file of a redirection, None for ``2>&1``."""
    if target not in (None, "/dev/null"):
        raise Unproven("redirects from or to a file")


def check_place_of_redirection(words: Sequence[Word], touches: bool) -> None:
    """``touches``: no blank stands before it, so that bash takes a number there for a descriptor."""
    if not words:
        raise Unproven("begins with a redirection")
    if touches and words[-1].source.isdigit():
        raise Unproven("redirects a numbered descriptor")


class _Line:
    """Puts tokens together to commands."""

    def __init__(self) -> None:
        self._commands: list[SimpleCommand] = []
        self._words: list[Word] = []
        self._is_redirected = False
        self._reads_pipe = False
        self._word_end = -1

    def take(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if kind == "separator":
            self._end_command()
            self._reads_pipe = token[0] == "|"
        elif token["redirection"] is not None:
            check_redirection(token["target"])
            check_place_of_redirection(self._words, self._word_end == token.start())
            self._is_redirected = True
        elif kind == "word":
            self._words.append(Word(_text_of(token[0]), token[0]))
            self._word_end = token.end()

    def finish(self) -> tuple[SimpleCommand, ...]:
        self._end_command()
        return tuple(self._commands)

    def _end_command(self) -> None:
        if not self._words:
            raise Unproven("has an empty part between its separators")
        self._commands.append(
            SimpleCommand(tuple(self._words), self._is_redirected, self._reads_pipe)
        )
        if len(self._commands) > MAX_COMMANDS:
            raise Unproven(f"chains more than {MAX_COMMANDS} commands")
        self._words = []
        self._is_redirected = False


def _text_of(source: str) -> str:
    """``source`` without its quotes."""
    return "".join(piece[piece.lastgroup or 0] for piece in _PIECE.finditer(source))


_REASONS = {
    "$": "uses a variable or a substitution",
    "`": "uses a substitution",
    "~": "names a home directory",
    "*": "uses a pattern that the shell expands",
    "?": "uses a pattern that the shell expands",
    "[": "uses [, a test or a pattern of the shell",
    "{": "uses braces that the shell expands",
    ";": "has an empty part between its separators",
    "|": "pipes errors along",
    "&": "runs something in the background",
    "(": "uses a subshell",
    ")": "uses a subshell",
    "#": "holds a comment",
    "!": "uses the shell's !",
    "\\": "ends in a backslash",
    "'": "has a quote that is not closed",
    "<": "redirects from or to a file",
    ">": "redirects from or to a file",
    '"': 'has a "..." with $, `, ! or a quoting \\ in it, or one that is not closed',
}


def _why_not(text: str, position: int) -> str:
    return _REASONS.get(text[position], "is more than plain words")
