"""Finds the line of each key in a TOML text. Linear in the length of the text; never fails on
invalid text.

For texts that a TOML parser accepts it finds every key outside of arrays. It parses strings,
comments, arrays and inline tables only as far as necessary to find the keys. On invalid text it
stops and returns what it has found.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass

MAX_NAMES = 8
MAX_DEPTH = 16

_TRIVIA = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_BLANKS = re.compile(r"[ \t]*+")
_BARE_NAME = re.compile(r"[A-Za-z0-9_-]++")
_LINE_STRING = re.compile(r""""(?:[^"\\\n]++|\\[^\n])*+"|'[^'\n]*+'""")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    rf"|{_LINE_STRING.pattern}",
    re.DOTALL,
)
# A date and its time may stand apart: 1979-05-27 07:32:00.
_SCALAR = re.compile(r"""[^\s,\[\]{}#"'=]++(?: [0-9][^\s,\[\]{}#"'=]++)?""")


class NestingTooDeep(ValueError):
    """A key has over MAX_NAMES names, or values are nested deeper than MAX_DEPTH, at ``line``."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested too deep in line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Entry:
    """A table header, or a key with its value.

    Lines count from 1; ``last_line`` is where the header or the value ends. ``table`` is the path
    of the header above the entry, or a header's own path. ``is_inline`` marks a key inside an
    inline table.
    """

    path: tuple[str, ...]
    line: int
    last_line: int
    table: tuple[str, ...]
    is_header: bool = False
    is_inline: bool = False


class Positions:
    """The entries of one text in order."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self._lines: dict[tuple[str, ...], int] = {}
        for entry in entries:
            self._lines.setdefault(entry.path, entry.line)

    def line_of(self, path: tuple[str, ...]) -> int | None:
        """The line of the key or the table; for a table without a header, of its first key."""
        line = self._lines.get(path)
        if line is not None:
            return line
        length = len(path)
        return next((entry.line for entry in self.entries if entry.path[:length] == path), None)

    def set_before(self, line: int) -> Entry | None:
        """An earlier entry with the same path as the one that ends in ``line``, if any."""
        seen: dict[tuple[str, ...], Entry] = {}
        for entry in self.entries:
            first = seen.setdefault(entry.path, entry)
            if entry.last_line == line and first is not entry:
                return first
        return None


def find_positions(text: str) -> Positions:
    """The positions in ``text``. Raises only NestingTooDeep."""
    scanner = _Scanner(text)
    with suppress(_NotToml):
        scanner.scan()
    return Positions(tuple(scanner.entries))


def parse_key(text: str) -> tuple[str, ...] | None:
    """The path of a dotted key such as ``a."b.c".d``, or None if it is not one."""
    scanner = _Scanner(text)
    try:
        path = scanner.key()
    except (_NotToml, NestingTooDeep):
        return None
    return path if scanner.at == len(text) else None


class _NotToml(Exception):
    """The text is not valid TOML at this place."""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.entries: list[Entry] = []
        self.at = 0
        self._text = text
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def scan(self) -> None:
        table: tuple[str, ...] = ()
        self._skip(_TRIVIA)
        while self.at < len(self._text):
            if self._next() == "[":
                table = self._header()
            else:
                self._key_and_value(table, table, is_inline=False, depth=0)
            self._skip(_TRIVIA)

    def key(self) -> tuple[str, ...]:
        names: list[str] = []
        while True:
            self._skip(_BLANKS)
            names.append(self._name())
            if len(names) > MAX_NAMES:
                raise NestingTooDeep(self._line())
            self._skip(_BLANKS)
            if self._next() != ".":
                return tuple(names)
            self.at += 1

    def _header(self) -> tuple[str, ...]:
        line = self._line()
        brackets = 2 if self._text.startswith("[[", self.at) else 1
        self.at += brackets
        path = self.key()
        for _ in range(brackets):
            self._expect("]")
        self.entries.append(Entry(path, line, line, path, is_header=True))
        return path

    def _key_and_value(
        self, prefix: tuple[str, ...], table: tuple[str, ...], *, is_inline: bool, depth: int
    ) -> None:
        line = self._line()
        path = prefix + self.key()
        self._expect("=")
        self._skip(_BLANKS)
        index = len(self.entries)
        if self._next() == "{":
            self._inline_table(path, table, depth + 1)
        else:
            self._value()
        entry = Entry(path, line, self._line(), table, is_inline=is_inline)
        self.entries.insert(index, entry)

    def _inline_table(self, path: tuple[str, ...], table: tuple[str, ...], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise NestingTooDeep(self._line())
        self._expect("{")
        while True:
            self._skip(_TRIVIA)
            if self._next() == "}":
                self.at += 1
                return
            self._key_and_value(path, table, is_inline=True, depth=depth)
            self._skip(_TRIVIA)
            if self._next() == ",":
                self.at += 1
            elif self._next() != "}":
                raise _NotToml

    def _value(self) -> None:
        """Skips one value; an array with all that is in it."""
        depth = 0
        while True:
            character = self._next()
            if character and character in "[{":
                depth += 1
                if depth > MAX_DEPTH:
                    raise NestingTooDeep(self._line())
                self.at += 1
            elif character and character in "]}":
                depth -= 1
                self.at += 1
            elif character and character in ",=" and depth:
                self.at += 1
            else:
                self._match(_STRING if character in ("'", '"') else _SCALAR)
            if depth <= 0:
                return
            self._skip(_TRIVIA)

    def _name(self) -> str:
        if self._next() not in ("'", '"'):
            return self._match(_BARE_NAME)
        quoted = self._match(_LINE_STRING)
        if "\\" not in quoted or quoted.startswith("'"):
            return quoted[1:-1]
        try:
            name = tomllib.loads(f"name = {quoted}")["name"]
        except ValueError:
            raise _NotToml from None
        return str(name)

    def _next(self) -> str:
        return self._text[self.at : self.at + 1]

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise _NotToml
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self.at)
        if match is not None:
            self.at = match.end()

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self.at)
        if match is None:
            raise _NotToml
        self.at = match.end()
        return match.group()

    def _line(self) -> int:
        return bisect.bisect_right(self._line_starts, self.at)
