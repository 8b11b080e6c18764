"""The commands that can be seen in a text, also where the text is no plain command line.

A tolerant reading for the deny list: it looks through chains, substitutions, groups, quoted
scripts of shells and wrappers such as ``sudo``. It may miss a command (a computed name) and may
see one too many. Nothing is ever allowed because of it. Never raises; its work is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from vtcode_tui.permissions.carried import (
    carried_scripts,
    decoded,
    is_code_host,
    scripts_in_code,
    set_scripts,
)
from vtcode_tui.permissions.never import EVALUATORS, SHELLS, WRAPPERS, words
from vtcode_tui.permissions.shell_reading import (
    ASSIGNMENT,
    READS_SCRIPT,
    ShellReading,
    base_name,
    printed_by,
)

__all__ = ("MAX_CHARACTERS", "base_name", "visible_commands")

MAX_CHARACTERS = 8192
_MAX_READ = 8 * MAX_CHARACTERS
_MAX_DEPTH = 4
_MAX_WORDS = 64
_FEW_WORDS = 8

_BEFORE_COMMAND = words("{ } ! if then elif else while until do time coproc")
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
    "gdb": words("--args"),
    "nix": words("-c --command"),
    "perf": words("record stat"),
    "git": words("run"),
}
"""Programs with the words behind which a command stands."""

_RUNNING_ELSEWHERE = {
    **dict.fromkeys(words("docker nerdctl podman"), words("exec run")),
    "kubectl": words("exec"),
}
"""Programs with the words behind which first the name of a place stands, then a command."""

_RUN_SCRIPTS = SHELLS | WRAPPERS | _RUNNERS | words("capsh concurrently nodemon sg")
_GIT_SCRIPTS = words("--exec --extcmd --index-filter --msg-filter --tree-filter -x foreach")
_PRINTS = words("echo printf")
_READ_INPUT = words("at batch")
_DECODE = words("base64 base32 openssl rev uudecode xxd")
_EXECUTES_NEXT = words("-exec -execdir -ok -okdir -x -X --exec --exec-batch --pre")
_SEARCHERS = words("fd fdfind find gfind rg")
_HAS_ITS_VALUE = re.compile(r"-[A-Za-z](?:[0-9]+|\{\})|--?[\w-]+=.*", re.DOTALL)
_NO_PROGRAM = re.compile(r"[-+]?[0-9][0-9.,:]*[a-z]?|[^A-Za-z0-9/._]*")


def visible_commands(text: str) -> Iterator[tuple[str, ...]]:
    """Every command that can be seen: its program, then its first words, without quotes."""
    return _Looking().commands(text[:MAX_CHARACTERS], 0)


class _Looking:
    """One look at a text and at the scripts in it, each of them once and all of bounded length."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._seen: set[str] = set()
        self._left = _MAX_READ

    def commands(self, text: str, depth: int) -> Iterator[tuple[str, ...]]:
        if depth > _MAX_DEPTH or text in self._seen or len(text) > self._left:
            return
        self._seen.add(text)
        self._left -= len(text)
        reading = ShellReading(text, self._values)
        found = _Found()
        for line in reading.simple_commands():
            found.scripts.extend(set_scripts(line))
            runs_scripts = False
            for started in _started_by(line):
                yield started
                runs_scripts = runs_scripts or base_name(started[0]) in _RUN_SCRIPTS
                found.take(started)
            if runs_scripts:
                found.scripts.extend(_scripts_in(line))
        for script in (*reading.substitutions, *found.all_scripts(reading)):
            yield from self.commands(script, depth + 1)


@dataclass(slots=True)
class _Found:
    """What the commands of a text say of the scripts that are run: by which words, from which files
    and inputs."""

    scripts: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    run_files: set[str] = field(default_factory=set)
    written_files: set[str] = field(default_factory=set)
    reads_input: bool = False
    decodes: bool = False
    code_host: str = ""

    def take(self, started: Sequence[str]) -> None:
        name = base_name(started[0])
        self.scripts.extend(carried_scripts(started))
        self.run_files.add(_plain_path(started[0]))
        if name in READS_SCRIPT:
            self.run_files.update(map(_plain_path, started[1:]))
            self.reads_input = self.reads_input or _is_without_file(started)
        self.reads_input = self.reads_input or name in _READ_INPUT
        self.decodes = self.decodes or name in _DECODE
        if is_code_host(name):
            self.code_host = name
        if name in EVALUATORS:
            self.scripts.append(" ".join(started[1:]))
        elif name in _PRINTS:
            self.printed += (printed_by(started) or "", *started[1:])
        elif name == "tee":
            self.written_files.update(map(_plain_path, started[1:]))
        elif name == "alias":
            self.scripts.extend(word.partition("=")[2] for word in started[1:])
        elif name == "git":
            self.scripts.extend(_scripts_of_git(started))

    def all_scripts(self, reading: ShellReading) -> Iterator[str]:
        yield from self.scripts
        texts = (*self.printed, *reading.inputs)
        written = {*map(_plain_path, reading.targets), *self.written_files}
        if self.reads_input or not self.run_files.isdisjoint(written):
            yield from texts
            if self.decodes:
                for text in texts:
                    yield from decoded(text)
        if self.code_host:
            for text in texts:
                yield from scripts_in_code(text, is_sed=self.code_host.endswith("sed"))


def _plain_path(path: str) -> str:
    return path.removeprefix("./")


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
        yield from _behind_operand(line[position + 1 :])
    only_looks_up = name == "command" and line[position + 1 : position + 2] in (["-v"], ["-V"])
    if (name in WRAPPERS and not only_looks_up) or name in _RUNNERS:
        yield from _wrapped(line[position + 1 :])
    for place, word in enumerate(line[position + 1 : position + _FEW_WORDS], start=position + 2):
        if word in _RUNNING_ELSEWHERE.get(name, ()):
            yield from _behind_operand(line[place:])
            break
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
        elif line[position] in _BEFORE_COMMAND or ASSIGNMENT.match(line[position]):
            position += 1
        else:
            break
    return position


def _wrapped(rest: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words of a wrapper from each place where its command may begin."""
    follows_option = False
    for position, word in enumerate(rest):
        if word.startswith("-"):
            follows_option = not _HAS_ITS_VALUE.fullmatch(word)
            continue
        if ASSIGNMENT.match(word) or _NO_PROGRAM.fullmatch(word):
            follows_option = False
            continue
        yield _from(rest, position)
        if not follows_option and base_name(word) not in WRAPPERS:
            return
        follows_option = False


def _behind_operand(rest: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words behind the one that a wrapper takes for itself, such as a host or a container."""
    for begun in _wrapped(rest[:_MAX_WORDS]):
        yield from _wrapped(begun[1:])


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
