"""Makes Textual's key bindings from the table of actions."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from vtcode_tui.tui.actions import ACTIONS, Place


def bindings_of(place: Place) -> list[BindingType]:
    """The bindings of the widget that ``place`` names; their ids are the actions' names."""
    return [
        Binding(
            ",".join(action.keys),
            action.name,
            action.description,
            show=False,
            id=action.name,
            priority=action.has_priority,
        )
        for action in ACTIONS
        if action.place == place and action.keys and not action.is_fixed
    ]
