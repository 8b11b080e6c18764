"""Every single guard has a command that asks because of it and would run without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from vtcode_tui.permissions import (
    commands,
    find_expression,
    git_commands,
    lexer,
    operands,
    options,
)
from vtcode_tui.permissions.commands import CommandRuling, rule_on_command
from vtcode_tui.permissions.oracle import PathKind

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Workspace:
    """An oracle by table; what stands in none of them is absent."""

    files: frozenset[str] = frozenset({"a.txt", "b.txt", "*", "@options", "-n"})
    directories: frozenset[str] = frozenset({".", "src"})
    closed: frozenset[str] = frozenset({".env", "keys", "..", "", "/etc/passwd"})
    secret_directories: frozenset[str] = frozenset({"."})
    is_plain: bool = True
    tracks: bool = False
    commits: frozenset[str] = frozenset()

    def kind(self, path: str) -> PathKind:
        if path in self.closed or path.startswith(("..", "/")):
            return PathKind.CLOSED
        if path in self.files:
            return PathKind.FILE
        return PathKind.DIRECTORY if path in self.directories else PathKind.ABSENT

    def has_secrets(self, directory: str) -> bool:
        return directory in self.secret_directories

    def git_is_plain(self) -> bool:
        return self.is_plain

    def names_commits(self, number: str) -> bool:
        return number in self.commits

    def tracks_secrets(self) -> bool:
        return self.tracks


@dataclass(frozen=True, slots=True)
class Guard:
    """``command`` asks, and is allowed once ``takes_out`` has run. ``reason`` is in the ruling."""

    command: str
    reason: str
    takes_out: Patch
    allow_list: tuple[str, ...] = ()
    workspace: Workspace = field(default_factory=Workspace)

    def ruling(self) -> CommandRuling:
        first_word = self.command.split()[0] if self.command.split() else ""
        return rule_on_command(
            self.command,
            allow_list=self.allow_list or (first_word,),
            deny_list=(),
            paths=self.workspace,
        )


def _out(module: object, *names: str, result: object = None) -> Patch:
    def take_out(patch: pytest.MonkeyPatch) -> None:
        for name in names:
            patch.setattr(module, name, lambda *_, **__: result)

    return take_out


def _token(old: str, new: str) -> Patch:
    """The lexer with another grammar."""

    def take_out(patch: pytest.MonkeyPatch) -> None:
        assert old in lexer._TOKEN.pattern
        pattern = lexer._TOKEN.pattern.replace(old, new)
        patch.setattr(lexer, "_TOKEN", re.compile(pattern, re.VERBOSE))

    return take_out


def _unlisted_options(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(options, "refuse_option", lambda _program, word: [(word, None)])


def _all_values(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(options, "_checked", lambda _program, _word, value, _check: value)


def _all_git(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(commands._PROVERS, ("git",), lambda _words, _paths: None)


def _all_sizes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lexer, "MAX_COMMAND_BYTES", 10**6)


def _all_lengths(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lexer, "MAX_COMMANDS", 10**6)


def _any(_value: str) -> bool:
    return True


def _known(program: str) -> Patch:
    """The words after ``program`` are not judged."""
    return lambda patch: patch.setitem(
        commands._PROVERS, tuple(program.split()), lambda _words, _paths: None
    )


BARE = "[A-Za-z0-9_./:,@%+=^-]"
GUARDS = {
    "size": Guard("echo " + "a" * 4096, "longer than 4096 bytes", _all_sizes),
    "number of commands": Guard("; ".join(["true"] * 17), "more than 16", _all_lengths, ("true",)),
    "visible characters": Guard("echo \u202ea", "cannot be seen", _out(lexer, "check_characters")),
    "background": Guard("true & true", "background", _token("|;(?!;)|", "|;(?!;)|&|")),
    "pipe of errors": Guard("true |& true", "pipes errors", _token(r"\|(?!&)", r"\|&?")),
    "variables": Guard("echo $HOME", "variable", _token(BARE, "[A-Za-z$]")),
    "substitutions": Guard("echo `true`", "substitution", _token(BARE, "[A-Za-z`]")),
    "patterns": Guard("ls *", "pattern", _token(BARE, "[a-z*]")),
    "braces": Guard("echo {a,b}", "braces", _token(BARE, "[a-z{,}]")),
    "home": Guard("echo ~", "home directory", _token(BARE, "[a-z~]")),
    "home behind =": Guard("echo a=~/b", "home directory", _token("(?<=[A-Za-z0-9@^}~])~", "~")),
    "comments": Guard("echo a #b", "comment", _token(BARE, "[a-z#]")),
    "subshells": Guard("echo (ls)", "subshell", _token(BARE, "[a-z()]")),
    "double quotes": Guard('echo "$HOME"', '"..."', _token(r'[^"$`\\!]|', '[^"]|')),
    "escapes in double quotes": Guard(
        r'echo "a\"; touch b; \"c"', '"..."', _token(r"\x20\x23\x25", r"\x20-\x23\x25")
    ),
    "braces with something in them": Guard("echo {a,b}", "braces", _token(r"\{\}", r"\{[a-z,]*\}")),
    "signatures in dressed-up formats": Guard(
        "git log --format=%+GK",
        "not known to be harmless",
        lambda patch: patch.setitem(git_commands._LOG.attached, "--format", _any),
    ),
    "order by signatures": Guard(
        "git branch --sort=-signature",
        "not known to be harmless",
        lambda patch: patch.setitem(git_commands._BRANCH.attached, "--sort", _any),
    ),
    "redirections": Guard("ls > b.txt", "redirects", _out(lexer, "check_redirection")),
    "input": Guard("cat < .env", "redirects", _out(lexer, "check_redirection")),
    "other descriptors": Guard(
        "ls 7>/dev/null",
        "numbered",
        _out(lexer, "check_place_of_redirection"),
        workspace=Workspace(files=frozenset({"7"})),
    ),
    "assignments": Guard("A=1", "variable", _out(commands, "check_name"), ("A=1",)),
    "quoted names": Guard("l's'", "quotes the name", _out(commands, "check_name"), ("ls",)),
    "names with paths": Guard("./run", "by its path", _out(commands, "check_name"), ("./run",)),
    "job signs": Guard("%1", "unusual name", _out(commands, "check_name"), ("%1",)),
    "builtins": Guard("set -e", "the shell itself", _out(commands, "check_never"), ("set -e",)),
    "shells": Guard("sh", "can run any commands", _out(commands, "check_never")),
    "interpreters": Guard("python3.12", "any code", _out(commands, "check_never")),
    "wrappers": Guard("env", "any other program", _out(commands, "check_never")),
    "the network": Guard("curl", "other machines", _out(commands, "check_never")),
    "the allow list": Guard(
        "cat a.txt", "no entry of [commands] allow_list", _out(commands, "check_listed"), ("ls",)
    ),
    "word boundaries": Guard(
        "lsx",
        "no entry of [commands] allow_list",
        _out(commands, "check_listed", "check_exact"),
        ("ls",),
    ),
    "exact commands": Guard("make all", "differs from the make", _out(commands, "check_exact")),
    "input of exact commands": Guard(
        "echo a | patchy", "from a pipe", _out(commands, "check_no_input"), ("echo", "patchy")
    ),
    "input of a project's tools": Guard(
        "echo a | pytest", "from a pipe", _out(commands, "check_no_input"), ("echo", "pytest")
    ),
    "bytes for the shell": Guard(
        "echo é; true", "beyond ASCII", _out(commands, "check_shell_text"), ("echo", "true")
    ),
    "options": Guard("ls --hyperlink", "not known to be harmless", _unlisted_options),
    "abbreviated options": Guard("sort --ou a.txt", "not known to be harmless", _unlisted_options),
    "joined options": Guard("sort -no a.txt", "not known to be harmless", _unlisted_options),
    "values of options": Guard("head -n x a.txt", "value", _all_values),
    "plugins": Guard("pytest -p evil", "value", _all_values),
    "files": Guard("cat .env", ".env", _out(operands, "require_file")),
    "files outside": Guard("cat /etc/passwd", "passwd", _out(operands, "require_file")),
    "missing files": Guard("cat later.txt", "later.txt", _out(operands, "require_file")),
    "directories": Guard("ls ..", "..", _out(operands, "require_path")),
    "searched secrets": Guard("grep -r a .", "secrets", _out(operands, "require_no_secrets")),
    "the searched workspace": Guard("rg a", "secrets", _out(operands, "require_no_secrets")),
    "number of paths": Guard("ls" + " src" * 65, "more than 64", _out(operands, "require_few")),
    "second file": Guard("uniq a.txt b.txt", "would write", _known("uniq")),
    "sets of characters": Guard("tr a b c", "characters", _known("tr")),
    "setting the clock": Guard("date 01010101", "format", _known("date")),
    "words of programs without any": Guard("whoami now", "more than options", _known("whoami")),
    "sed": Guard("sed 'w b.txt' a.txt", "script", _out(operands, "_is_plain_sed", result=True)),
    "terms of find": Guard("find . -delete", "-delete", _out(find_expression, "refuse_term")),
    "values in find": Guard(
        "find . -size x",
        "value",
        lambda patch: patch.setattr(find_expression, "_WITH_VALUE", {"-size": options.any_text}),
    ),
    "starts of find": Guard("find ..", "..", _out(find_expression, "require_path")),
    "files in find": Guard("find . -newer .env", ".env", _out(find_expression, "require_file")),
    "git commands": Guard("git push", "only read", _all_git),
    "options before git commands": Guard("git -p log", "only read", _all_git),
    "configuration of a repository": Guard(
        "git status",
        "start programs",
        _out(git_commands, "require_plain_repository"),
        workspace=Workspace(is_plain=False),
    ),
    "secrets in a patch": Guard(
        "git diff",
        "secrets",
        _out(git_commands, "require_no_tracked_secrets"),
        workspace=Workspace(tracks=True),
    ),
    "secrets in a log": Guard(
        "git log -p",
        "secrets",
        _out(git_commands, "require_no_tracked_secrets"),
        workspace=Workspace(tracks=True),
    ),
    "secrets in a commit": Guard(
        "git show",
        "secrets",
        _out(git_commands, "require_no_tracked_secrets"),
        workspace=Workspace(tracks=True),
    ),
    "secrets that git finds": Guard(
        "git grep a",
        "secrets",
        _out(git_commands, "require_no_tracked_secrets"),
        workspace=Workspace(tracks=True),
    ),
    "revisions": Guard(
        "git log keys",
        "keys",
        _out(git_commands, "require_revision"),
        workspace=Workspace(closed=frozenset({"keys"})),
    ),
    "numbers of contents": Guard(
        "git show 1a2b3c4", "known to be a commit", _out(git_commands, "require_commit")
    ),
    "revisions like paths": Guard(
        "git diff a/../../b c", "revision", _out(git_commands, "require_revision")
    ),
    "files of a commit": Guard("git show HEAD:.env", ".env", _out(git_commands, "require_path")),
    "patterns of git": Guard(
        "git log -- *".replace("*", "'*'"), "pattern", _out(git_commands, "require_pathspec")
    ),
    "signatures": Guard("git log '--format=%G?'", "value", _all_values),
    "new branches": Guard(
        "git branch new",
        "make or change",
        lambda patch: patch.setitem(commands._PROVERS, ("git",), lambda _w, _p: None),
    ),
    "files of options": Guard("pytest @options", "options", _known("pytest")),
    "names of tests": Guard("cargo test -- --logfile=x", "names of tests", _known("cargo test")),
    "packages": Guard("go vet example.com/x", "packages", _known("go vet")),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_makes_its_command_ask_and_says_why(name: str) -> None:
    ruling = GUARDS[name].ruling()
    assert ruling.decision == "prompt"
    assert GUARDS[name].reason in ruling.reason
    assert ruling.argv is None


@pytest.mark.parametrize("name", GUARDS)
def test_without_its_guard_the_command_would_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands._entries.cache_clear()
    GUARDS[name].takes_out(monkeypatch)
    assert GUARDS[name].ruling().decision == "allow"
    commands._entries.cache_clear()
