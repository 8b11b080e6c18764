"""Harmless options of programs, and the parser that checks words against them.

The parser follows getopt where all programs agree: ``--`` ends the options, letters may be joined,
a value is the rest of its word or the next word. Abbreviations are not accepted. An unknown option
raises ``Unproven``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vtcode_tui.permissions.unproven import Unproven, quoted

ValueCheck: TypeAlias = Callable[[str], bool]


def any_text(_value: str) -> bool:
    return True


def a_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,15}[bkKMG]?", value) is not None


def a_name(value: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:,-]*", value) is not None


@dataclass(frozen=True, slots=True)
class Options:
    """The harmless options of one program. Each is written as in its manual, dashes included.

    ``letters`` take no value and may be joined ("-la"); ``whole`` take no value and stand alone.
    ``valued`` need a value, joined or in the next word; ``attached`` have one only after "=";
    ``separate`` only in the next word. ``count``: a bare number is an option ("-20").
    """

    letters: str = ""
    whole: frozenset[str] = frozenset()
    valued: Mapping[str, ValueCheck] = field(default_factory=dict)
    attached: Mapping[str, ValueCheck] = field(default_factory=dict)
    separate: Mapping[str, ValueCheck] = field(default_factory=dict)
    count: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """The words after a program, told apart. ``options`` are in order, None where no value is.

    ``after_dashes`` are the operands behind "--", which ``has_dashes`` says was there.
    """

    options: tuple[tuple[str, str | None], ...]
    operands: tuple[str, ...]
    after_dashes: tuple[str, ...] = ()
    has_dashes: bool = False

    @property
    def all_operands(self) -> tuple[str, ...]:
        return self.operands + self.after_dashes

    def has(self, *names: str) -> bool:
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.options if name in names and value is not None)


def whole(text: str) -> frozenset[str]:
    """The options in a list separated by blanks."""
    return frozenset(text.split())


def valued(check: ValueCheck, text: str) -> dict[str, ValueCheck]:
    return dict.fromkeys(text.split(), check)


def parse_arguments(program: str, words: Sequence[str], options: Options) -> Arguments:
    """Separate options from operands. Raises ``Unproven`` at the first unknown option."""
    found: list[tuple[str, str | None]] = []
    operands: list[str] = []
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if word == "--":
            return Arguments(tuple(found), tuple(operands), tuple(reversed(rest)), has_dashes=True)
        if word == "-" or not word.startswith("-"):
            operands.append(word)
            continue
        found.extend(_read_option(program, word, rest, options))
    return Arguments(tuple(found), tuple(operands))


def refuse_option(program: str, word: str) -> list[tuple[str, str | None]]:
    """Raise for an unknown option."""
    raise Unproven(f"gives {program} an option that is not known to be harmless: {quoted(word)}")


def _read_option(
    program: str, word: str, rest: list[str], options: Options
) -> list[tuple[str, str | None]]:
    """The options in ``word``; takes a value from the end of ``rest`` if one is needed."""
    if word in options.whole or (options.count and re.fullmatch(r"-[0-9]{1,9}", word)):
        return [(word, None)]
    next_check = options.valued.get(word) or options.separate.get(word)
    if next_check is not None:
        return [(word, _next_value(program, word, rest, next_check))]
    name, equals, value = word.partition("=")
    check = options.attached.get(name) or options.valued.get(name)
    if equals and check is not None and len(name) > 2:
        return [(name, _checked(program, word, value, check))]
    if word.startswith("--"):
        return refuse_option(program, word)
    return _read_letters(program, word, rest, options)


def _read_letters(
    program: str, word: str, rest: list[str], options: Options
) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for position, letter in enumerate(word[1:], start=1):
        option = f"-{letter}"
        check = options.valued.get(option)
        if check is not None and (position == 1 or options.letters):
            tail = word[position + 1 :]
            value = (
                _checked(program, word, tail, check)
                if tail
                else _next_value(program, option, rest, check)
            )
            return [*found, (option, value)]
        if letter not in options.letters:
            return refuse_option(program, word)
        found.append((option, None))
    return found


def _next_value(program: str, option: str, rest: list[str], check: ValueCheck) -> str:
    if not rest:
        raise Unproven(f"ends before the value of {option}")
    return _checked(program, option, rest.pop(), check)


def _checked(program: str, word: str, value: str, check: ValueCheck) -> str:
    if not check(value):
        raise Unproven(f"gives {program} a value that is not known to be harmless: {quoted(word)}")
    return value
