"""Slash commands: recognises them, finds their actions, and completes them while they are typed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from vtcode_tui.tui.actions import ACTIONS, WANTED_FIRST, Action, keys_in_words
from vtcode_tui.tui.completion import Completer, Completion, Location, Offer
from vtcode_tui.tui.fuzzy import match_word

COMMANDS = tuple(action for action in ACTIONS if action.command)

_MIN_SIMILARITY = 0.7
"""The lowest difflib ratio that counts as a typing error: two swapped letters in a word of four
give 0.75, ``foo`` and ``fork`` 0.57."""

_BY_COMMAND = {name: action for action in COMMANDS for name in (action.command, *action.aliases)}


def find(text: str) -> Action | None:
    """The action that ``text`` (with its slash) names, or None."""
    words = text.strip().removeprefix("/").split(maxsplit=1)
    return _BY_COMMAND.get(words[0].lower()) if words else None


def argument_of(text: str) -> str:
    """The text after the command's name."""
    return text.strip().partition(" ")[2].strip()


def is_command(text: str) -> bool:
    """Whether a prompt is meant as a command: one word after a slash that is not a path, or in one
    line a command that takes arguments."""
    words = text.strip().split()
    if not words or not words[0].startswith("/") or "/" in words[0][1:]:
        return False
    if len(words) == 1:
        return True
    action = find(words[0])
    return action is not None and bool(action.argument) and "\n" not in text.strip()


def nearest(text: str) -> str:
    """The most similar command, with its slash; empty if none is similar."""
    typed = text.strip().removeprefix("/").lower()
    begun = [name for name in _BY_COMMAND if len(typed) > 1 and name.startswith(typed)]
    names = difflib.get_close_matches(typed, begun, 1, 0.0) or difflib.get_close_matches(
        typed, list(_BY_COMMAND), 3, _MIN_SIMILARITY
    )
    # Swapped letters are the commonest error.
    names.sort(key=lambda name: sorted(name) != sorted(typed))
    return f"/{names[0]}" if names else ""


def completer_of(actions: Sequence[Action]) -> Completer:
    """A completer that offers the commands of ``actions`` for the first word of a prompt."""
    commands = sorted(
        (action for action in actions if action.command),
        key=lambda action: WANTED_FIRST.index(action.group),
    )

    def complete(text: str, cursor: Location) -> Offer | None:
        typed = _PARTIAL_COMMAND.fullmatch(text)
        if typed is None or cursor != (0, len(text)):
            return None
        word = typed[1].lower()
        ranked = sorted(
            (match for action in commands if (match := _match(word, action)) is not None),
            key=lambda match: -match[0],
        )
        rows = tuple(row for _, row in ranked)
        return Offer((0, 0), cursor, rows) if rows else None

    return complete


_PARTIAL_COMMAND = re.compile(r"/([^\s/]*)")


def _match(word: str, action: Action) -> tuple[float, Completion] | None:
    """The score of a command and its row; aliases and descriptions score less than the name."""
    marked: tuple[int, ...] = ()
    also = ""
    found = match_word(word, action.command) if word else (0.0, [])
    if found is not None:
        score, marked = found[0] + 1, tuple(position + 1 for position in found[1])
        score += action.command == word
    else:
        alias = next((each for each in action.aliases if match_word(word, each)), "")
        if not alias and not re.search(rf"\b{re.escape(word)}", action.description):
            return None
        score, also = (1.0, f"also /{alias} · ") if alias else (0.5, "")
    detail = f"{also}{action.description}"
    keys, names = keys_in_words(action), (action.command, *action.aliases)
    return score, Completion(
        value=f"{action.slash} " if action.argument else action.slash,
        label=f"{action.slash} {action.argument}".strip(),
        detail=f"{detail}  {keys}" if keys else detail,
        marked=marked,
        # If the name only resembles the typed word, Enter inserts it and does not send it yet.
        sends=word in names or (not action.argument and action.command.startswith(word)),
    )
