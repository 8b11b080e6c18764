"""Decides whether a command may run without a question: only if the grammar proves it harmless.

Pure except for questions to the oracle, and total: any text gets a ruling, quickly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

from vtcode_tui.permissions.deny import find_denial
from vtcode_tui.permissions.find_expression import prove_find
from vtcode_tui.permissions.git_commands import prove_git, without_global_options
from vtcode_tui.permissions.git_files import GIT_ENVIRONMENT
from vtcode_tui.permissions.lexer import SimpleCommand, lex
from vtcode_tui.permissions.never import reason_never
from vtcode_tui.permissions.oracle import PathOracle
from vtcode_tui.permissions.programs import READERS, WordsCheck
from vtcode_tui.permissions.project_tools import PROJECT_TOOLS
from vtcode_tui.permissions.unproven import Unproven, quoted

MAX_STARTABLE_BYTES = 131_071
"""Linux gives no program a longer word, so no shell can be started with a longer script."""


@dataclass(frozen=True, slots=True)
class CommandRuling:
    """``reason`` is one short sentence for the user; it may quote the command, so clean it.

    ``argv`` is set for a single allowed command without redirections: start exactly these words,
    without a shell. An allowed command without ``argv`` starts as
    ``/bin/bash --noprofile --norc -c <the exact text>``. ``environment`` belongs on top of the
    child's environment when an allowed command starts.
    """

    decision: Literal["allow", "prompt", "deny"]
    reason: str
    argv: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


Entry: TypeAlias = tuple[str, ...]

_PROVERS: dict[Entry, WordsCheck] = {
    **READERS,
    **PROJECT_TOOLS,
    ("find",): prove_find,
    ("git",): prove_git,
}


def rule_on_command(
    command: str, *, allow_list: Sequence[str], deny_list: Sequence[str], paths: PathOracle
) -> CommandRuling:
    """The ruling on ``command``, written for bash and started in the workspace. Never raises.

    An entry of ``allow_list`` is a command. If its program is known, arguments that are known to be
    harmless may follow; any other command is allowed only if its words equal the entry's. An entry
    of ``deny_list`` names a program, or a program and its first words, and takes precedence.
    """
    trouble = why_not_startable(command)
    if trouble is not None:
        return CommandRuling("deny", trouble)
    denial = find_denial(command, deny_list)
    if denial is not None and denial.is_certain:
        return CommandRuling("deny", f"{quoted(denial.entry)} is on the deny list")
    if denial is not None:
        return CommandRuling("prompt", f"may be {quoted(denial.entry)}, which you deny")
    try:
        commands = lex(command)
        check_shell_text(command, commands)
        entries = _entries(tuple(allow_list))
        for simple in commands:
            prove_command(simple, entries, paths)
    except Unproven as unproven:
        return CommandRuling("prompt", unproven.reason)
    runs_git = any(simple.argv[0] == "git" for simple in commands)
    return CommandRuling(
        "allow",
        "is on the allow list and only does what it says",
        None if needs_shell(commands) else commands[0].argv,
        GIT_ENVIRONMENT if runs_git else {},
    )


def why_not_startable(command: str) -> str | None:
    """Why no program can be started with this text, or None."""
    if "\0" in command:
        return "holds a NUL character, which no program can be given"
    try:
        size = len(command.encode())
    except UnicodeEncodeError:
        return "holds a broken character, which no program can be given"
    if size > MAX_STARTABLE_BYTES:
        return "is longer than any shell can be given"
    return None


def needs_shell(commands: Sequence[SimpleCommand]) -> bool:
    return len(commands) > 1 or commands[0].is_redirected


def check_shell_text(command: str, commands: Sequence[SimpleCommand]) -> None:
    """Refuse non-ASCII text that needs a shell: which bytes are letters depends on its locale."""
    if needs_shell(commands) and not command.isascii():
        raise Unproven("needs a shell, and has characters beyond ASCII")


def prove_command(command: SimpleCommand, entries: frozenset[Entry], paths: PathOracle) -> None:
    """Raise ``Unproven`` unless ``command`` is provably what an entry allows."""
    check_name(command)
    compared = _comparable(command.argv)
    check_listed(compared, entries)
    known = _known_prefix(compared)
    if known is None:
        check_exact(compared, entries)
    else:
        _PROVERS[known](compared[len(known) :], paths)
    if known is None or known in PROJECT_TOOLS:
        check_no_input(command)


def check_name(command: SimpleCommand) -> None:
    """Allow only bare program names, and none that always asks."""
    name = command.words[0]
    if "=" in name.text:
        raise Unproven("sets a variable")
    if not name.is_bare:
        raise Unproven("quotes the name of its program")
    if "/" in name.text:
        raise Unproven(f"starts the program by its path: {quoted(name.text)}")
    check_never(command.argv)
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", name.text):
        raise Unproven("starts something with an unusual name")


def check_never(argv: Sequence[str]) -> None:
    reason = reason_never(argv[0])
    if reason is not None and _known_prefix(argv) is None:
        raise Unproven(f"starts {quoted(argv[0])}, which {reason}")


def check_listed(argv: Sequence[str], entries: frozenset[Entry]) -> None:
    if not any(tuple(argv[:length]) in entries for length in range(1, len(argv) + 1)):
        raise Unproven(f"starts {quoted(argv[0])}, and no entry of [commands] allow_list fits that")


def check_exact(argv: Sequence[str], entries: frozenset[Entry]) -> None:
    if tuple(argv) not in entries:
        raise Unproven(f"differs from the {quoted(argv[0])} command in [commands] allow_list")


def check_no_input(command: SimpleCommand) -> None:
    """Refuse a command that is fed by a pipe, which may contain anything."""
    if command.reads_pipe:
        raise Unproven(f"feeds {quoted(command.argv[0])} from a pipe")


def _known_prefix(argv: Sequence[str]) -> Entry | None:
    return next(
        (tuple(argv[:length]) for length in (3, 2, 1) if tuple(argv[:length]) in _PROVERS), None
    )


@lru_cache(maxsize=8)
def _entries(allow_list: tuple[str, ...]) -> frozenset[Entry]:
    """The entries that are a single plain command; others allow nothing."""
    return frozenset(entry for text in allow_list if (entry := _entry(text)))


def _entry(text: str) -> Entry | None:
    try:
        commands = lex(text)
    except Unproven:
        return None
    return None if needs_shell(commands) else _comparable(commands[0].argv)


def _comparable(argv: Entry) -> Entry:
    """``argv`` without words that do not change its meaning."""
    return without_global_options(argv) if argv[0] == "git" else argv
