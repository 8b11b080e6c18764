"""The few keys that are worth a line: on an empty screen, and below the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from vtcode_tui.tui.actions import Action, key_words


def first_hints(actions: Sequence[Action]) -> tuple[str, ...]:
    """What an empty conversation says of how to begin."""
    keys = {action.name: key_words(action.keys[0]) for action in actions if action.keys}
    how = (
        f"/ lists the commands · {keys['show_help']} helps · {keys['pick_model']} picks the model"
        f" · {keys['leave']} leaves"
    )
    return (
        "Ask about the code in this folder, or for a change to it.",
        "Writing and running ask first, unless your settings allow it.",
        how,
    )
