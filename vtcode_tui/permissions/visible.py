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
_FEW_WORDS = 8

_TOKEN = re.compile(
    r"""
      (?P<continuation>\\\n)
    | (?P<herestring><<<)
    | (?P<blank>[ \t]+)
    | (?P<newline>\n)
    | (?P<heredoc><<-?(?!<))
    | (?P<redirection>&>>?|[0-9]*(?:<<<|>>|>\||>&|<&|<>|[<>](?!\()))
    | (?P<separator>\$?\(+|[<>]\(|[)`;|&]|\$\{)
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)(?:'|\\?\Z)
    | '(?P<single>[^']*)(?:'|\Z)
    | \$?"(?P<double>(?:[^"\\]|\\.)*)(?:"|\\?\Z)
    | \\(?P<escaped>.)
    | (?P<plain>[^\s'"\\$`();&|<>]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE_COMMAND = words("{ } ! if then elif else while until do time coproc")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")
_TAKE_AN_OPERAND = words(
    "autossh bwrap chpst chroot chrt flock gosu mosh nsenter prlimit runuser s6-setuidgid setarch"
    " setpriv setuidgid sg ssh sshpass start-stop-daemon su su-exec taskset unshare"
)
_RUNNERS = words(
    "autossh bunx bwrap choom chpst cpulimit daemonize dbus-run-session entr gosu hyperfine i386 linux32"
    " linux64 mosh npx pnpx proot proxychains4 s6-setuidgid setuidgid softlimit su-exec uvx valgrind"
    " watchexec x86_64"
)
_RUNNING = {
    **dict.fromkeys(words("hatch pdm pipenv poetry rye uv"), words("run")),
    **dict.fromkeys(words("asdf bundle direnv mise npm pyenv rbenv"), words("exec")),
    **dict.fromkeys(words("conda mamba micromamba"), words("run")),
    **dict.fromkeys(words("pnpm yarn"), words("dlx exec")),
    "perf": words("record stat"),
    "git": words("run"),
}
"""Programs with the words behind which a command stands."""

_RUN_SCRIPTS = SHELLS | WRAPPERS | _RUNNERS | words("capsh concurrently nodemon sg")
_GIT_SCRIPTS = words("--exec --extcmd --index-filter --msg-filter --tree-filter -x foreach")
_READS_SCRIPT = SHELLS | words("source .")
_PRINTS = words("echo printf")
_BRACES = re.compile(r"\{([^{},\s]+),[^{}\s]*\}")
_ANSI_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
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
    printed: list[str] = []
    reads_script = False
    for line in reading.simple_commands():
        runs_scripts = False
        for started in _started_by(line):
            yield started
            name = base_name(started[0])
            runs_scripts = runs_scripts or name in _RUN_SCRIPTS
            reads_script = reads_script or (name in _READS_SCRIPT and _is_without_file(started))
            if name in EVALUATORS:
                scripts.append(" ".join(started[1:]))
            elif name in _PRINTS:
                printed += (" ".join(started[1:]), *started[1:])
            elif name == "alias":
                scripts.extend(word.partition("=")[2] for word in started[1:])
            elif name == "git":
                scripts.extend(_scripts_of_git(started))
        if runs_scripts:
            scripts.extend(_scripts_in(line))
    if reads_script:
        scripts.extend(printed)
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
    braces = _BRACES.fullmatch(line[position])
    if braces is not None:
        yield (braces[1],)
    name = base_name(line[position])
    if name in _TAKE_AN_OPERAND:
        yield from (_from(line, place) for place in range(position + 1, len(line)))
    only_looks_up = name == "command" and line[position + 1 : position + 2] in (["-v"], ["-V"])
    if (name in WRAPPERS and not only_looks_up) or name in _RUNNERS:
        yield from _wrapped(line[position + 1 :])
    running = _RUNNING.get(name, frozenset())
    for place, word in enumerate(line[position + 1 : position + _FEW_WORDS], start=position + 2):
        if word in running:
            yield from _wrapped(line[place:])
            break
    if name in _SEARCHERS:
        for place, word in enumerate(line[position:-1], start=position + 1):
            if word in _EXECUTES_NEXT:
                yield _from(line, place)
                if base_name(line[place]) in WRAPPERS:
                    yield from _wrapped(line[place + 1 : place + _MAX_WORDS])
        yield from (
            (word.partition("=")[2],)
            for word in line
            if "=" in word and word.partition("=")[0] in _EXECUTES_NEXT
        )


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
    scripts = [
        word
        for before, word in pairwise(line)
        if " " in word or "\n" in word or re.fullmatch(r"-[a-z]*c", before)
    ]
    glued = [re.sub(r"\A(?:-[A-Za-z]*S|[\w.-]+=)", "", script) for script in scripts]
    return [
        *scripts,
        *(each for each, script in zip(glued, scripts, strict=True) if each != script),
    ]


def _scripts_of_git(started: Sequence[str]) -> list[str]:
    """What git hands to a shell: an alias that begins with "!", a command for each commit."""
    scripts = [word.rpartition("!")[2] for word in started if re.match(r"!|[\w.-]+=!", word)]
    return [
        *scripts,
        *(word for before, word in pairwise(started) if before in _GIT_SCRIPTS),
        *(word.partition("=")[2] for word in started if word.partition("=")[0] in _GIT_SCRIPTS),
    ]


def _is_without_file(started: Sequence[str]) -> bool:
    """Whether a shell reads what it runs from its input, or from what a substitution gives it."""
    return all(word.startswith("-") or word == "/dev/stdin" for word in started[1:])


def _ansi(content: str) -> str:
    """The text that bash makes of the inside of $'...'."""

    def character(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        if digits is None and match[4] is None:
            return {"n": "\n", "t": "\t"}.get(match[5], match[5])
        code = int(digits, 16) if digits is not None else int(match[4], 8)
        return chr(code) if code < 0x110000 else ""

    return _ANSI_ESCAPE.sub(character, content)


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
        self._is_quoted = False
        self._delimiters: list[tuple[str, bool]] = []
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
        if kind == "ansi":
            content = _ansi(content)
        self._is_quoted = self._is_quoted or kind != "plain"
        if kind == "double":
            self._take_substitutions(content)
            content = re.sub(r'\\([$`"\\])', r"\1", content.replace("\\\n", ""))
        if self._word is None:
            self._word = []
        self._word.append(content)

    def _take_substitutions(self, content: str) -> None:
        if "$(" in content or "`" in content:
            self.substitutions.extend(re.split(r"\$\(|`", content)[1:])

    def _end_word(self) -> None:
        if self._word is None:
            return
        word = "".join(self._word)
        if self._after_operator == "heredoc":
            self._delimiters.append((word, self._is_quoted))
        elif self._after_operator == "herestring" and self._names_shell:
            self.substitutions.append(word)
        elif not self._after_operator:
            self._words.append(word)
            self._names_shell = self._names_shell or base_name(word) in _READS_SCRIPT
        self._word = None
        self._is_quoted = False
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
        for delimiter, is_quoted in self._delimiters:
            begins = position
            while position < len(self._text):
                end = self._line_end(position)
                line = self._text[position:end].lstrip("\t")
                position = end + 1
                if line == delimiter:
                    break
            if not is_quoted:
                self._take_substitutions(self._text[begins:position])
        self._delimiters = []
        if self._names_shell and position > start:
            self.substitutions.append(self._text[start:position])
        return position
