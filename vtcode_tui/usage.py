"""What a mistyped command line is answered with: what is wrong, the nearest that there is, the help."""

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
_STRANGE = re.compile(r"unrecognized arguments: (.*)", re.DOTALL)
_UNSAFE = re.compile(r"[^\x20-\x7e\u00a1-\u024f]")


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are in the words of this program."""

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
    """The first long option before the command that is none, or nothing. What follows it would be
    taken for the command, and the error be about that."""
    known, commands = list(_own_options(parser)), subparsers_of(parser)
    for word in argv:
        if word in commands or word == "--":
            return ""
        name = word.partition("=")[0]
        if name.startswith("--") and not any(each.startswith(name) for each in known):
            return name
    return ""


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
        kind = "option" if given.startswith("-") else "argument"
        names = list(_all_options(parser)) if kind == "option" else []
        return f"There is no {kind} {given} here.", _nearest(given.partition("=")[0], names)
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
