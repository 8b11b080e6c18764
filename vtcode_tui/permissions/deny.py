"""The deny list: refuses a command wherever its program can be seen. A filter, not a wall.

Pure and total; the work is bounded for texts of any length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vtcode_tui.permissions.visible import MAX_CHARACTERS, base_name, visible_commands


@dataclass(frozen=True, slots=True)
class Denial:
    """``entry`` of the deny list fits. Where it is not ``certain`` the words only may mean it."""

    entry: str
    is_certain: bool


def find_denial(command: str, deny_list: Sequence[str]) -> Denial | None:
    """The first entry that certainly fits a command in ``command``, else one that may."""
    entries = [(entry, _words_of(entry)) for entry in deny_list if entry.strip()]
    everything = next((entry for entry, words in entries if not words), None)
    if everything is not None:
        return Denial(everything, is_certain=True)
    if not entries:
        return None
    doubt: Denial | None = None
    for seen in visible_commands(command):
        for entry, words in entries:
            if not _names(words[0], seen[0]):
                continue
            denial = Denial(entry, _fits(words[1:], seen[1:]))
            if denial.is_certain:
                return denial
            if doubt is None and _may_fit(words[1:], seen[1:]):
                doubt = denial
    if len(command) > MAX_CHARACTERS:
        return _find_in_long(command, entries) or doubt
    return doubt


def _words_of(entry: str) -> tuple[str, ...]:
    """ "rm -rf *" and "rm -rf" mean the same: everything that begins so."""
    words = entry.split()
    while words and words[-1] in ("*", "**"):
        words.pop()
    return tuple(words)


def _names(wanted: str, seen: str) -> bool:
    """Whether ``seen`` is the program ``wanted``; a "*" at its end stands for any rest."""
    name = base_name(wanted)
    if name.endswith("*"):
        return base_name(seen).startswith(name[:-1])
    return base_name(seen) == name


def _fits(wanted: Sequence[str], seen: Sequence[str]) -> bool:
    """Whether ``seen`` begins with ``wanted``, options with their values before it aside."""
    if not wanted:
        return True
    for position in range(len(seen)):
        if tuple(seen[position : position + len(wanted)]) == tuple(wanted):
            return True
        follows_option = position > 0 and seen[position - 1].startswith("-")
        if not seen[position].startswith("-") and not follows_option:
            return False
    return False


def _may_fit(wanted: Sequence[str], seen: Sequence[str]) -> bool:
    """Whether the words of ``wanted`` that are no options stand in ``seen``, in their order."""
    rest = iter(seen)
    return all(word in rest for word in wanted if not word.startswith("-"))


def _find_in_long(command: str, entries: Sequence[tuple[str, tuple[str, ...]]]) -> Denial | None:
    """For texts too long to be read: a program's name at a place where a command begins."""
    for entry, words in entries:
        name = base_name(words[0])
        end = "" if name.endswith("*") else r"(?![^\s;&|)`])"
        start = r"(?:\A|[\n;&|(){}`!])[ \t]*(?:[^\s;&|(){}`!<>]*/)?"
        pattern = start + re.escape(name.rstrip("*")) + end
        if re.search(pattern, command, re.IGNORECASE):
            return Denial(entry, is_certain=len(words) == 1)
    return None
