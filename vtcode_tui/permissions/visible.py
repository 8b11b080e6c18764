"""The commands that can be seen in a text, also where the text is no plain command line.

A tolerant reading for the deny list: it looks through chains, substitutions, groups, quoted
scripts of shells and wrappers such as ``sudo``. It may miss a command (a computed name) and may
see one too many. Nothing is ever allowed because of it. Never raises; its work is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from vtcode_tui.permissions.never import EVALUATORS, SHELLS, WRAPPERS, words

MAX_CHARACTERS = 8192
_MAX_DEPTH = 4
_MAX_WORDS = 64

_TOKEN = re.compile(
    r"""
      (?P<continuation>\\\n)
    | (?P<herestring><<<)
    | (?P<blank>[ \t]+)
    | (?P<newline>\n)
    | (?P<heredoc><<-?(?!<))
    | (?P<redirection>&>>?|[0-9]*(?:<<<|>>|>\||>&|<&|<>|[<>](?!\()))
    | (?P<separator>\$?\(+|[<>]\(|[)`;|&]|\$\{)
    | \$?'(?P<single>[^']*)(?:'|\Z)
    | \$?"(?P<double>(?:[^"\\]|\\.)*)(?:"|\\?\Z)
    | \\(?P<escaped>.)
    | (?P<plain>[^\s'"\\$`();&|<>]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE_COMMAND = words("{ } ! if then elif else while until do time coproc")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")
_TAKE_AN_OPERAND = words(
    "chroot chrt flock nsenter prlimit runuser setarch setpriv ssh sshpass start-stop-daemon su"
    " taskset unshare"
)
_EXECUTES_NEXT = words("-exec -execdir -ok -okdir -x -X --exec --exec-batch --pre")
_SEARCHERS = words("fd fdfind find gfind rg")
_NO_PROGRAM = re.compile(r"[-+]?[0-9][0-9.,:]*[a-z]?|[^A-Za-z0-9/._]*")


def visible_commands(text: str) -> Iterator[tuple[str, ...]]:
    """Every command that can be seen: its program, then its first words, without quotes."""
    return _commands(text[:MAX_CHARACTERS], 0)


def base_name(word: str) -> str:
    """The name of the program that ``word`` starts, folded as lax file systems do."""
    return word.rsplit("/", 1)[-1].casefold().removesuffix(".exe")


def _commands(text: str, depth: int) -> Iterator[tuple[str, ...]]:
    if depth > _MAX_DEPTH:
        return
    reading = _Reading(text)
    scripts: list[str] = []
    for line in reading.simple_commands():
        runs_scripts = False
        for started in _started_by(line):
            yield started
            name = base_name(started[0])
            runs_scripts = runs_scripts or name in SHELLS or name in WRAPPERS
            if name in EVALUATORS:
                scripts.append(" ".join(started[1:]))
        if runs_scripts:
            scripts.extend(_scripts_in(line))
    for script in (*reading.substitutions, *scripts):
        yield from _commands(script, depth + 1)


def _started_by(line: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The command of ``line`` and those that it starts when it is a wrapper."""
    position = _command_position(line)
    if position >= len(line):
        return
    yield _from(line, position)
    for place, word in enumerate(line[:-1], start=1):
        if word == "{" and place > position:
            yield _from(line, place)
    name = base_name(line[position])
    if name in _TAKE_AN_OPERAND:
        yield from (_from(line, place) for place in range(position + 1, len(line)))
    if name in WRAPPERS:
        yield from _wrapped(line[position + 1 :])
    if name in _SEARCHERS:
        for place, word in enumerate(line[position:-1], start=position + 1):
            if word in _EXECUTES_NEXT:
                yield _from(line, place)


def _from(line: Sequence[str], position: int) -> tuple[str, ...]:
    return tuple(line[position : position + _MAX_WORDS])


def _command_position(line: Sequence[str]) -> int:
    """Where the program's name stands, behind the shell's own words and assignments."""
    position = 0
    while position < len(line):
        if line[position] == "function":
            position += 2
        elif line[position] == "time":
            position += 1
            while position < len(line) and line[position].startswith("-"):
                position += 1
        elif line[position] in _BEFORE_COMMAND or _ASSIGNMENT.match(line[position]):
            position += 1
        else:
            break
    return position


def _wrapped(rest: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words of a wrapper from each place where its command may begin."""
    follows_option = False
    for position, word in enumerate(rest):
        if word.startswith("-"):
            follows_option = True
            continue
        if _ASSIGNMENT.match(word) or _NO_PROGRAM.fullmatch(word):
            follows_option = False
            continue
        yield _from(rest, position)
        if not follows_option and base_name(word) not in WRAPPERS:
            return
        follows_option = False


def _scripts_in(line: Sequence[str]) -> list[str]:
    """The words of a shell's or a wrapper's command that may be commands again."""
    return [
        word
        for before, word in pairwise(line)
        if " " in word or "\n" in word or re.fullmatch(r"-[a-z]*c", before)
    ]


class _Reading:
    """Splits a text into the words of its simple commands.

    ``substitutions`` are the texts inside double quotes that hold commands, and the
    here-documents of a text that names a shell.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[str] = []
        self._word: list[str] | None = None
        self._after_operator = ""
        self._delimiters: list[str] = []
        self._names_shell = False
        self.substitutions: list[str] = []

    def simple_commands(self) -> Iterator[list[str]]:
        position = 0
        while position < len(self._text):
            token = _TOKEN.match(self._text, position)
            if token is None:
                break
            position = token.end()
            kind = token.lastgroup or ""
            if kind == "plain" and token[0].startswith("#") and self._word is None:
                position = self._line_end(position)
            elif kind == "blank":
                self._end_word()
            elif kind in ("redirection", "heredoc", "herestring"):
                self._end_word()
                self._after_operator = kind
            elif kind in ("separator", "newline"):
                yield from self._end_command()
                if kind == "newline":
                    position = self._after_bodies(position)
            elif kind != "continuation":
                self._add(kind, token[kind])
        yield from self._end_command()

    def _add(self, kind: str, content: str) -> None:
        if kind == "double":
            if "$(" in content or "`" in content:
                self.substitutions.extend(re.split(r"\$\(|`", content)[1:])
            content = re.sub(r'\\([$`"\\])', r"\1", content.replace("\\\n", ""))
        if self._word is None:
            self._word = []
        self._word.append(content)

    def _end_word(self) -> None:
        if self._word is None:
            return
        word = "".join(self._word)
        if self._after_operator == "heredoc":
            self._delimiters.append(word)
        elif self._after_operator == "herestring" and self._names_shell:
            self.substitutions.append(word)
        elif not self._after_operator:
            self._words.append(word)
            self._names_shell = self._names_shell or base_name(word) in SHELLS
        self._word = None
        self._after_operator = ""

    def _end_command(self) -> Iterator[list[str]]:
        self._end_word()
        self._after_operator = ""
        line, self._words = self._words, []
        if line:
            yield line

    def _line_end(self, position: int) -> int:
        end = self._text.find("\n", position)
        return len(self._text) if end < 0 else end

    def _after_bodies(self, position: int) -> int:
        """Where the text goes on behind the here-documents that begin at ``position``."""
        start = position
        for delimiter in self._delimiters:
            while position < len(self._text):
                end = self._line_end(position)
                line = self._text[position:end].lstrip("\t")
                position = end + 1
                if line == delimiter:
                    break
        self._delimiters = []
        if self._names_shell and position > start:
            self.substitutions.append(self._text[start:position])
        return position
