"""Glob patterns on paths, as ripgrep and .gitignore read them, in bounded time. Pure.

Patterns come from models and untrusted files. They are matched step by step instead of by regular
expressions, so that matching takes at most (pattern length) x (path length) steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

_MAX_ALTERNATIVES = 64
_Star: TypeAlias = Literal["*"]
_STAR: _Star = "*"
_T = TypeVar("_T")
_S = TypeVar("_S")


@dataclass(frozen=True, slots=True)
class _Characters:
    """One character: any (``ranges`` is None), or one in, or not in, the ranges."""

    ranges: tuple[tuple[str, str], ...] | None = None
    is_negated: bool = False

    def accepts(self, character: str) -> bool:
        if self.ranges is None:
            return True
        return any(low <= character <= high for low, high in self.ranges) != self.is_negated


_Name: TypeAlias = "tuple[_Characters | _Star, ...]"
_ANY_NAME: _Name = (_Characters(), _STAR)


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern. Without a slash it matches a name at any depth; otherwise it is relative to the
    root."""

    alternatives: tuple[tuple[_Name | _Star, ...], ...]
    text: str = ""

    def matches(self, path: str) -> bool:
        """Whether the path (relative, with forward slashes) or a directory above it matches."""
        names = path.split("/")
        return any(self.matches_exactly(names[:end]) for end in range(1, len(names) + 1))

    def matches_exactly(self, names: Sequence[str]) -> bool:
        return any(_steps_match(parts, names, _name_matches) for parts in self.alternatives)


def parse_glob(pattern: str) -> Glob:
    """Parse ``*``, ``?``, ``[a-z]``, ``**`` and ``{a,b}``; everything else is literal."""
    alternatives = _expand_braces(pattern.removeprefix("./"))
    return Glob(tuple(_parse_path(part) for part in alternatives), pattern)


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One line of a .gitignore."""

    glob: Glob
    is_negated: bool
    only_directories: bool


def parse_ignore_lines(text: str) -> tuple[IgnoreRule, ...]:
    rules: list[IgnoreRule] = []
    for raw in text.splitlines():
        line = raw.rstrip() if not raw.endswith("\\ ") else raw
        if not line or line.startswith("#"):
            continue
        is_negated = line.startswith("!")
        pattern = line[1:] if is_negated else line
        only_directories = pattern.endswith("/")
        pattern = pattern.rstrip("/")
        if pattern:
            rules.append(IgnoreRule(Glob((_parse_path(pattern),)), is_negated, only_directories))
    return tuple(rules)


def ignores(
    rules: Sequence[IgnoreRule], names: Sequence[str], *, is_directory: bool
) -> bool | None:
    """The decision of the last matching rule, or None if none matches."""
    for rule in reversed(rules):
        if (is_directory or not rule.only_directories) and rule.glob.matches_exactly(names):
            return not rule.is_negated
    return None


def _parse_path(pattern: str) -> tuple[_Name | _Star, ...]:
    is_anchored = "/" in pattern.rstrip("/")
    # Git takes three stars and more for two.
    names = ["**" if len(name) > 2 and not name.strip("*") else name for name in pattern.split("/")]
    names = [name for name in names if name]
    if not names:
        return ()
    parts: list[_Name | _Star] = [] if is_anchored else [_STAR]
    parts += [_STAR if name == "**" else _parse_name(name) for name in names]
    if names[-1] == "**":
        parts.append(_ANY_NAME)
    return tuple(parts)


def _parse_name(text: str) -> _Name:
    parts: list[_Characters | _Star] = []
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "*":
            if not parts or parts[-1] != _STAR:
                parts.append(_STAR)
        elif character == "?":
            parts.append(_Characters())
        elif character == "[" and (close := text.find("]", position + 2)) > 0:
            parts.append(_parse_class(text[position:close]))
            position = close + 1
        else:
            if character == "\\" and position < len(text):
                character = text[position]
                position += 1
            parts.append(_Characters(((character, character),)))
    return tuple(parts)


def _parse_class(text: str) -> _Characters:
    is_negated = text[0] in "!^"
    text = text[1:] if is_negated else text
    ranges: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        if text[position + 1 : position + 2] == "-" and position + 2 < len(text):
            ranges.append((text[position], text[position + 2]))
            position += 3
        else:
            ranges.append((text[position], text[position]))
            position += 1
    return _Characters(tuple(ranges), is_negated)


def _expand_braces(pattern: str) -> list[str]:
    """The patterns that ``{a,b}`` stands for; nested groups are left as they are."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        current = waiting.pop(0)
        close = current.find("}")
        opening = current.rfind("{", 0, close) if close > 0 else -1
        if opening < 0 or len(done) + len(waiting) >= _MAX_ALTERNATIVES:
            done.append(current)
            continue
        head, tail = current[:opening], current[close + 1 :]
        waiting += [head + choice + tail for choice in current[opening + 1 : close].split(",")]
    return done


def _name_matches(name: _Name, text: str) -> bool:
    return _steps_match(name, text, _Characters.accepts)


def _steps_match(
    pattern: Sequence[_T | _Star], subject: Sequence[_S], accepts: Callable[[_T, _S], bool]
) -> bool:
    """Whether the pattern, with stars for any run, matches the whole subject."""
    at = position = 0
    star, retry_from = -1, 0
    while position < len(subject):
        part = pattern[at] if at < len(pattern) else None
        if part == _STAR:
            star, retry_from = at, position
            at += 1
        elif part is not None and accepts(part, subject[position]):
            at += 1
            position += 1
        elif star >= 0:
            retry_from += 1
            at, position = star + 1, retry_from
        else:
            return False
    return all(part == _STAR for part in pattern[at:])
