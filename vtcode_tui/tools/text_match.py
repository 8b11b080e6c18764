"""Finds the text that an edit replaces. Pure.

A line feed in the model's text matches either line end of the file; the replacement gets the line
ends used there. Only the differing characters are touched.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from dataclasses import dataclass

from vtcode_tui.workspace.diff import common_ends

_HINT_LINES_LIMIT = 20_000
_HINT_SIMILARITY = 0.6
_SHOWN_PLACES = 8
_MAX_PLACES = 100_000


class NoUniqueMatch(Exception):
    """The text occurs nowhere, or more than once. The message is for the model."""


@dataclass(frozen=True, slots=True)
class Splice:
    """``text[start:end]`` becomes ``replacement``."""

    start: int
    end: int
    replacement: str


def find_splices(text: str, old: str, new: str, *, replace_all: bool) -> tuple[Splice, ...]:
    """Where ``old`` occurs in ``text``, in order, each with its replacement.

    Raises NoUniqueMatch for no match, and for several without ``replace_all``.
    """
    file = _Normalised(text)
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    # Without replace_all, places that overlap are several: which one is meant is not known.
    places = _places(file.text, old, step=len(old) if replace_all else 1)
    if not places:
        raise NoUniqueMatch(_not_found(file.text, old))
    if len(places) > 1 and not replace_all:
        raise NoUniqueMatch(_found_often(file.text, places))
    return tuple(_splice(file, place, old, new) for place in places)


def apply_splices(text: str, splices: tuple[Splice, ...]) -> str:
    parts: list[str] = []
    done = 0
    for splice in splices:
        parts += [text[done : splice.start], splice.replacement]
        done = splice.end
    return "".join([*parts, text[done:]])


class _Normalised:
    """A text with LF for each CR LF, and the mapping back to the original's positions."""

    def __init__(self, original: str) -> None:
        self.original = original
        self.text = original.replace("\r\n", "\n")
        self._shortened: list[int] = []
        at = original.find("\r\n")
        while at >= 0:
            self._shortened.append(at - len(self._shortened))
            at = original.find("\r\n", at + 2)

    def position(self, normalised: int) -> int:
        """The original position of the character at this position."""
        return normalised + bisect_left(self._shortened, normalised)

    def line_end_near(self, start: int, end: int) -> str:
        """The line end used between the two positions, else the next one, else the previous one."""
        at = self.text.find("\n", start, end)
        if at < 0:
            at = self.text.find("\n", end)
        if at < 0:
            at = self.text.rfind("\n", 0, start)
        if at < 0:
            return "\n"
        found = bisect_left(self._shortened, at)
        is_crlf = found < len(self._shortened) and self._shortened[found] == at
        return "\r\n" if is_crlf else "\n"


def _places(text: str, wanted: str, *, step: int) -> list[int]:
    places: list[int] = []
    at = text.find(wanted)
    while at >= 0:
        if len(places) == _MAX_PLACES:
            raise NoUniqueMatch(f"old_text stands more than {_MAX_PLACES:,} times in the file.")
        places.append(at)
        at = text.find(wanted, at + step)
    return places


def _splice(file: _Normalised, place: int, old: str, new: str) -> Splice:
    """The replacement of only what differs between ``old`` and ``new``."""
    head, tail = common_ends(old, new)
    line_end = file.line_end_near(place, place + len(old))
    return Splice(
        file.position(place + head),
        file.position(place + len(old) - tail),
        new[head : len(new) - tail].replace("\n", line_end),
    )


def _found_often(text: str, places: list[int]) -> str:
    numbers = [str(text.count("\n", 0, place) + 1) for place in places[:_SHOWN_PLACES]]
    more = ", ..." if len(places) > _SHOWN_PLACES else ""
    return (
        f"old_text stands {len(places)} times in the file, at lines {', '.join(numbers)}{more}. "
        "Add lines around it until it is unique, or set replace_all to true."
    )


def _not_found(text: str, old: str) -> str:
    lines = text.split("\n")
    wanted = old.strip("\n").split("\n")
    at = _same_but_blanks(lines, wanted)
    if at is not None:
        return (
            "old_text is not in the file, but a text that differs only in blanks is, "
            f"at line {at + 1}. Copy it exactly:\n" + _quoted(lines, at, len(wanted))
        )
    at = _most_similar(lines, wanted)
    if at is not None:
        return (
            f"old_text is not in the file. The most similar place is at line {at + 1}:\n"
            + _quoted(lines, at, len(wanted))
        )
    return "old_text is not in the file, nor anything like it. Read the file first."


def _same_but_blanks(lines: list[str], wanted: list[str]) -> int | None:
    stripped = ["".join(line.split()) for line in wanted]
    if not any(stripped):
        return None
    present = ["".join(line.split()) for line in lines]
    return next(
        (
            at
            for at in range(len(lines) - len(wanted) + 1)
            if present[at] == stripped[0] and present[at : at + len(wanted)] == stripped
        ),
        None,
    )


def _most_similar(lines: list[str], wanted: list[str]) -> int | None:
    if len(lines) > _HINT_LINES_LIMIT:
        return None
    key = max(range(len(wanted)), key=lambda at: len(wanted[at].strip()))
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted[key].strip()[:200])
    best, best_ratio = None, _HINT_SIMILARITY
    for at, line in enumerate(lines):
        matcher.set_seq1(line.strip()[:200])
        if min(matcher.real_quick_ratio(), matcher.quick_ratio()) <= best_ratio:
            continue
        ratio = matcher.ratio()
        if ratio > best_ratio:
            best, best_ratio = at, ratio
    return None if best is None else max(0, best - key)


def _quoted(lines: list[str], at: int, count: int) -> str:
    shown = lines[at : at + min(count, _SHOWN_PLACES)]
    return "\n".join(line[:200] for line in shown)
