"""Errors for a mistyped command line: the problem, the nearest valid word, where to get help."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

_USAGE = 2
_CHOICE = re.compile(
    r"argument (\S+): invalid choice: '?([^'\s]*)'? \(choose from (.*)\)", re.DOTALL
)
_WRONG = re.compile(r"argument (\S+): invalid (.*) value: '(.*)'", re.DOTALL)
_BARE = re.compile(r"argument (\S+): expected one argument")
_MISSING = re.compile(r"the following arguments are required: (.*)", re.DOTALL)
_STRANGE = re.compile(r"unrecognized arguments: (.*)", re.DOTALL)
_UNSAFE = re.compile(r"[^\x20-\x7e\u00a1-\u024f]")


class Parser(argparse.ArgumentParser):
    """An argument parser with this program's error messages."""

    def error(self, message: str) -> NoReturn:
        """Exits with 2."""
        what, why = _explained(self, _UNSAFE.sub("?", message))
        sys.stderr.write(f"vtcode-tui: {what}\n")
        if why:
            sys.stderr.write(f"  {why}\n")
        sys.stderr.write(f"  See: {self.prog} --help\n")
        self.exit(_USAGE)


def subparsers_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of a parser's commands, by name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def options_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if action.option_strings]


def strange_option(parser: argparse.ArgumentParser, argv: Sequence[str]) -> str:
    """The first unknown long option before the command, or empty. Its value would be taken for the
    command, and the error would be about that."""
    known, commands = list(_own_options(parser)), subparsers_of(parser)
    for word in argv:
        if word in commands or word == "--":
            return ""
        name = word.partition("=")[0]
        if name.startswith("--") and not any(each.startswith(name) for each in known):
            return name
    return ""


def place_of_command(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """The index of the first word that does not belong to an option, or the end."""
    takes_value = _with_value(parser)
    place = 0
    while place < len(argv) and argv[place].startswith("-") and argv[place] != "--":
        place += 2 if argv[place] in takes_value else 1
    return place


def with_options_in_front(parser: argparse.ArgumentParser, argv: Sequence[str]) -> list[str]:
    """``argv`` with the global options moved before the command, where the grammar needs them;
    people write them after it too. The command's own options, and everything after ``--``, stay."""
    commands = subparsers_of(parser)
    takes_value = _with_value(parser)
    place = place_of_command(parser, argv)
    if place >= len(argv) or argv[place] not in commands:
        return list(argv)
    its_own = {"-h", "--help", "--version", *_all_names(commands[argv[place]])}
    movable = {name for each in options_of(parser) for name in each.option_strings} - its_own
    moved: list[str] = []
    kept: list[str] = []
    words = iter(argv[place:])
    for word in words:
        name = word.partition("=")[0]
        if word == "--":
            kept += [word, *words]
        elif name not in movable:
            kept.append(word)
        elif word not in takes_value:
            moved.append(word)
        elif (value := next(words, None)) is not None:
            moved += [word, value]
        else:
            kept.append(word)
    return [*argv[:place], *moved, *kept]


def _with_value(parser: argparse.ArgumentParser) -> set[str]:
    """The options that require a value."""
    each = (action for action in options_of(parser) if action.nargs is None)
    return {name for action in each for name in action.option_strings}


def _all_names(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in options_of(parser):
        yield from action.option_strings
    for command in subparsers_of(parser).values():
        yield from _all_names(command)


def _places_of(parser: argparse.ArgumentParser, option: str, path: str = "") -> Iterator[str]:
    """The commands that have this option."""
    for name, command in subparsers_of(parser).items():
        words = f"{path} {name}".strip()
        if option in _own_options(command):
            yield words
        yield from _places_of(command, option, words)


def _explained(parser: argparse.ArgumentParser, message: str) -> tuple[str, str]:
    if found := _CHOICE.search(message):
        kind, given, choices = found.groups()
        names = re.findall(r"[\w-]+", choices)
        word = {"COMMAND": "command", "ACTION": "action"}.get(kind, f"value for {kind}:")
        return f"There is no {word} {given}.", _nearest(
            given, names
        ) or f"There are: {', '.join(names)}."
    if found := _STRANGE.search(message):
        given = found[1].split()[0]
        if not given.startswith("-"):
            return f"There is no argument {given} here.", ""
        name = given.partition("=")[0]
        if places := list(_places_of(parser, name)):
            return f"The option {name} does not go here.", f"It goes behind: {', '.join(places)}."
        if name in _with_value(parser):
            return f"{name} needs a value.", ""
        names = list(_all_options(parser))
        return f"There is no option {given} here.", _nearest(name, names)
    if found := _WRONG.search(message):
        option, kind, given = found.groups()
        return f"{option} cannot be {given!r}.", f"Allowed: a {kind}."
    if found := _BARE.search(message):
        return f"{found[1]} needs a value.", ""
    if found := _MISSING.search(message):
        actions = ", ".join(subparsers_of(parser))
        return f"{found[1]} is missing.", f"There are: {actions}." if actions else ""
    return f"{message[:1].upper()}{message[1:]}.", ""


def _nearest(given: str, names: Iterable[str]) -> str:
    import difflib

    found = difflib.get_close_matches(given, list(names), 1, 0.5)
    return f"The nearest is {found[0]}." if found else ""


def _own_options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in options_of(parser):
        yield from (name for name in action.option_strings if name.startswith("--"))


def _all_options(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from _own_options(parser)
    for command in subparsers_of(parser).values():
        yield from _all_options(command)
