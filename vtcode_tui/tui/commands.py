"""The slash commands: one table, from which the help and the dispatch are made."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """``action`` is the name of the screen's action; ``key`` its key, for the help."""

    name: str
    description: str
    action: str
    key: str = ""


COMMANDS = (
    Command("model", "choose the model", "pick_model", "ctrl+o"),
    Command("effort", "choose how hard the model thinks", "pick_effort"),
    Command("thinking", "open or fold all thinking", "toggle_thinking", "ctrl+t"),
    Command("context", "show the context window and how full it is", "show_context"),
    Command("compact", "summarise older turns to make room", "compact"),
    Command("server", "connect again, or to another address", "choose_server"),
    Command("new", "start a new conversation", "new_conversation"),
    Command("help", "show the commands and keys", "show_help", "f1"),
    Command("exit", "leave", "leave", "ctrl+q"),
)

_BY_NAME = {command.name: command for command in COMMANDS} | {
    "clear": next(command for command in COMMANDS if command.name == "new"),
    "quit": next(command for command in COMMANDS if command.name == "exit"),
}


def find(text: str) -> Command | None:
    """The command that ``text`` (with its slash) names, or None."""
    return _BY_NAME.get(text.removeprefix("/").strip().lower())


def is_command(text: str) -> bool:
    """Whether a prompt means to be a command: one word after a slash, and no path."""
    words = text.strip().split()
    return len(words) == 1 and words[0].startswith("/") and "/" not in words[0][1:]


def nearest(text: str) -> str:
    """The nearest command's name with its slash, or empty."""
    names = difflib.get_close_matches(text.removeprefix("/").strip(), list(_BY_NAME), 1, 0.5)
    return f"/{names[0]}" if names else ""


def help_text() -> str:
    """All commands and keys as plain lines."""
    lines = [
        f"/{command.name:<10} {command.description}{f'  ({command.key})' if command.key else ''}"
        for command in COMMANDS
    ]
    keys = [
        "Enter sends, Shift+Enter or Ctrl+J breaks the line, Up and Down walk the history.",
        "Esc stops the model. Ctrl+C stops it too; twice on an empty prompt leaves.",
        "Tab moves to the transcript: arrows walk its blocks, Enter opens and folds one.",
    ]
    return "\n".join([*lines, "", *keys])
