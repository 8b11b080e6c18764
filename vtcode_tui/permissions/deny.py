"""The deny list: refuses a command wherever its program can be seen. A filter, not a wall.

Pure and total; the work is bounded for texts of any length.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vtcode_tui.permissions.visible import MAX_CHARACTERS, base_name, visible_commands

_PUTS_TOGETHER = re.compile(r"[$`{*?\[]|\\[0-9xuU]|base(?:64|32)|xxd|\brev\b|openssl|%s")


@dataclass(frozen=True, slots=True)
class Denial:
    """``entry`` of the deny list fits. Where it is not ``certain`` the words only may mean it."""

    entry: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """``name`` is the program's; where it ends in "*", any rest may stand there."""

    text: str
    name: str
    rest: tuple[str, ...]

    def names(self, program: str) -> bool:
        if self.name.endswith("*"):
            return program.startswith(self.name[:-1])
        return program == self.name or (
            _is_pattern(program) and fnmatch.fnmatchcase(self.name, program)
        )

    def is_passed_on(self, words: Sequence[str]) -> bool:
        """Whether the program's own file is among ``words``: what links, copies or loads it may run it."""
        return not self.rest and any(
            word.startswith("/") and "bin/" in word and self.name == base_name(word)
            for word in words
        )


def find_denial(command: str, deny_list: Sequence[str]) -> Denial | None:
    """The first entry that certainly fits a command in ``command``, else one that may."""
    entries = _mentioned(command, [_entry(text) for text in deny_list if text.strip()])
    if not entries:
        return None
    doubt: Denial | None = None
    is_no_case = re.search(r"\bcase\b", command) is None  # Its patterns stand where commands begin.
    for seen in visible_commands(command):
        program = base_name(seen[0])
        for entry in entries:
            if not (entry.names(program) and (is_no_case or not _is_pattern(program))):
                if doubt is None and entry.is_passed_on(seen[1:]):
                    doubt = Denial(entry.text, is_certain=False)
                continue
            if _fits(entry.rest, seen[1:]):
                return Denial(entry.text, is_certain=True)
            if doubt is None and _may_fit(entry.rest, seen[1:]):
                doubt = Denial(entry.text, is_certain=False)
    if len(command) > MAX_CHARACTERS:
        return _find_in_long(command, entries) or doubt
    return doubt


def _entry(text: str) -> _Entry:
    """With "*" at its end or without, an entry means everything that begins so."""
    words = text.split()
    while len(words) > 1 and words[-1] in ("*", "**"):
        words.pop()
    return _Entry(text.strip(), base_name(words[0]), tuple(words[1:]))


def _is_pattern(program: str) -> bool:
    return (
        re.search(r"[*?\[]", program) is not None
        and re.search(r"[^*?\[\]!./-]", program) is not None
    )


def _mentioned(command: str, entries: Sequence[_Entry]) -> list[_Entry]:
    """The entries whose program's name stands in the text once quotes are taken away. All of them for
    a text that may put a name together or spell it in numbers."""
    if _PUTS_TOGETHER.search(command):
        return list(entries)
    bare = re.sub(r"""\\\n|\$?['"]|\\""", "", command).casefold()
    return [entry for entry in entries if entry.name.rstrip("*") in bare]


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


def _find_in_long(command: str, entries: Sequence[_Entry]) -> Denial | None:
    """For texts too long to be read: a program's name at a place where a command begins."""
    start = r"(?:\A|[\n;&|(){}`!])[ \t]*(?:[^\s;&|(){}`!<>]*/)?"
    for entry in entries:
        end = "" if entry.name.endswith("*") else r"(?![^\s;&|)`])"
        pattern = start + re.escape(entry.name.rstrip("*")) + end
        if re.search(pattern, command, re.IGNORECASE):
            return Denial(entry.text, is_certain=not entry.rest)
    return None
