"""The slash commands: one table, from which the help and the dispatch are made."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """``action`` is the name of the screen's action; ``key`` its key, for the help; ``argument``
    says what may stand after the name, and is empty where nothing may."""

    name: str
    description: str
    action: str
    key: str = ""
    argument: str = ""


COMMANDS = (
    Command("model", "choose the model", "pick_model", "ctrl+o"),
    Command("effort", "choose how hard the model thinks", "pick_effort"),
    Command("thinking", "open or fold all thinking", "toggle_thinking", "ctrl+t"),
    Command("context", "show the context window and how full it is", "show_context"),
    Command("compact", "summarise older turns to make room", "compact"),
    Command("permissions", "list what tools may do, and take grants back", "show_permissions"),
    Command("undo", "put back what the last turn wrote", "undo", argument="[skip|force]"),
    Command("redo", "take the last undo back", "redo"),
    Command("add-dir", "let tools use another directory too", "add_directory", argument="DIR"),
    Command("server", "connect again, or to another address", "choose_server"),
    Command("new", "start a new conversation; this one is kept", "new_conversation"),
    Command("sessions", "list the sessions: open, search, rename, export, delete", "resume"),
    Command("resume", "go on with a session", "resume", argument="[ID]"),
    Command("fork", "go on in a copy of this session", "fork"),
    Command("export", "write this session to a file here", "export", argument="[md|json]"),
    Command("help", "show the commands and keys", "show_help", "f1"),
    Command("exit", "leave", "leave", "ctrl+q"),
)

_BY_NAME = {command.name: command for command in COMMANDS} | {
    "clear": next(command for command in COMMANDS if command.name == "new"),
    "quit": next(command for command in COMMANDS if command.name == "exit"),
}


FIRST_HINTS = (
    "Ask about the code in this folder, or for a change to it.",
    "Writing and running ask first, unless your settings allow it.",
    "/help lists the commands · Ctrl+O picks the model · Ctrl+Q leaves",
)
"""What an empty conversation says of how to begin."""


def find(text: str) -> Command | None:
    """The command that ``text`` (with its slash) names, or None."""
    words = text.removeprefix("/").split(maxsplit=1)
    return _BY_NAME.get(words[0].lower()) if words else None


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
    command = find(words[0])
    return command is not None and bool(command.argument) and "\n" not in text.strip()


def nearest(text: str) -> str:
    """The nearest command's name with its slash, or empty."""
    names = difflib.get_close_matches(text.removeprefix("/").strip(), list(_BY_NAME), 1, 0.5)
    return f"/{names[0]}" if names else ""


def help_text() -> str:
    """All commands and keys as plain lines."""
    lines = [
        f"/{command.name:<10} {command.description}{f'  ({hint})' if hint else ''}"
        for command in COMMANDS
        for hint in [command.key or command.argument]
    ]
    keys = [
        "Enter sends, Shift+Enter or Ctrl+J breaks the line, Up and Down walk the history.",
        "Esc stops the model. Ctrl+C stops it too; twice on an empty prompt leaves.",
        "Tab moves to the transcript: arrows walk its blocks, Enter opens and folds one.",
    ]
    return "\n".join([*lines, "", *keys])
