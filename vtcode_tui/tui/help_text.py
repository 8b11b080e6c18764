"""All commands and keys in words, from the table of actions. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from vtcode_tui.tui.actions import Action, in_groups, keys_in_words
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED, TITLE

HELP_TITLE = "Commands and keys"
_NOTES = (
    "Keys can be changed in vtcode.toml, under [ui.keys], by the name of an action.",
    "Plan mode asks whether a plan is carried out where an answer has steps under a heading Plan.",
)
_WIDEST = 20
"""The few wider rows shift only their own description."""


_MIN_DESCRIPTION_WIDTH = 30
"""Minimum cells for descriptions; with fewer, commands and keys get lines of their own."""


def help_text(actions: Iterable[Action], line_width: int) -> Content:
    """The rows under their headings: command, keys, description; ``line_width`` is in cells."""
    rows = in_groups(actions)
    widths = [len(_command_and_keys(action)) for group in rows.values() for action in group]
    width = min(max(widths), _WIDEST)
    after = "\n    " if line_width - width - 4 < _MIN_DESCRIPTION_WIDTH else "  "
    lines: list[Content] = []
    for heading, group in rows.items():
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(heading, TITLE))
        lines += [
            Content.assemble(
                (f"  {_command_and_keys(each).ljust(width)}", EMPHASIS), after, each.description
            )
            for each in group
        ]
    lines += [Content(""), *(Content.styled(note, MUTED) for note in _NOTES)]
    return Content("\n").join(lines)


def _command_and_keys(action: Action) -> str:
    """Command and keys of an action, such as ``/export [md|json]`` or ``/model, Ctrl+O``."""
    command = f"{action.slash} {action.argument}".strip()
    return ", ".join(filter(None, (command, keys_in_words(action))))
