"""The slash commands: which prompt is one, and which row of the table of actions it means. Pure."""

from __future__ import annotations

import difflib

from vtcode_tui.tui.actions import ACTIONS, Action

COMMANDS = tuple(action for action in ACTIONS if action.command)

_BY_COMMAND = {name: action for action in COMMANDS for name in (action.command, *action.aliases)}


def find(text: str) -> Action | None:
    """The action that ``text`` (with its slash) names, or None."""
    words = text.strip().removeprefix("/").split(maxsplit=1)
    return _BY_COMMAND.get(words[0].lower()) if words else None


def argument_of(text: str) -> str:
    """What stands after the command's name."""
    return text.strip().partition(" ")[2].strip()


def is_command(text: str) -> bool:
    """Whether a prompt means to be a command: one word after a slash, and no path; or the name of
    a command that takes more words, with them in one line."""
    words = text.strip().split()
    if not words or not words[0].startswith("/") or "/" in words[0][1:]:
        return False
    if len(words) == 1:
        return True
    action = find(words[0])
    return action is not None and bool(action.argument) and "\n" not in text.strip()


def nearest(text: str) -> str:
    """The nearest command's name with its slash, or empty."""
    typed = text.strip().removeprefix("/").lower()
    names = difflib.get_close_matches(typed, list(_BY_COMMAND), 1, 0.5)
    return f"/{names[0]}" if names else ""
