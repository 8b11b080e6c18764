"""Applies and checks the keys in ``[ui.keys]`` of vtcode.toml. Pure.

A key is checked against everything that would use it first: other actions, prompt editing, and keys
that a terminal cannot distinguish.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from vtcode_tui.config.keys import dotted, shown
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.errors import ConfigError
from vtcode_tui.tui.actions import ACTIONS, BY_NAME, Action, key_words

_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_OTHER_NAMES = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "pgup": "pageup",
    "page_up": "pageup",
    "pgdn": "pagedown",
    "page_down": "pagedown",
    "control": "ctrl",
    "option": "alt",
    "cmd": "super",
}
_SAME_IN_A_TERMINAL = {
    "ctrl+m": "enter",
    "ctrl+i": "tab",
    "ctrl+left_square_bracket": "escape",
    "ctrl+h": "backspace",
}


def actions_with_keys(loaded: LoadedConfig) -> tuple[Action, ...]:
    """The table with the configured keys. Raises ConfigError with file, key and line for an unknown
    action, an invalid key, and a key with two meanings."""
    wanted = {name: _keys_of(loaded, name) for name in loaded.settings.ui.keys}
    actions = tuple(
        replace(each, keys=wanted[each.name]) if each.name in wanted else each for each in ACTIONS
    )
    for action in actions:
        if action.name in wanted:
            _check_clashes(loaded, action, actions)
    return actions


def changed_keys(actions: tuple[Action, ...]) -> Mapping[str, str]:
    """The changed keys for Textual's keymap, by binding id."""
    return {
        action.name: ",".join(action.keys)
        for action in actions
        if action.keys != BY_NAME[action.name].keys
    }


def _keys_of(loaded: LoadedConfig, name: str) -> tuple[str, ...]:
    action = BY_NAME.get(name)
    if action is None:
        near = difflib.get_close_matches(name, list(BY_NAME), 1)
        raise ConfigError(
            f"{_place(loaded, name)}: there is no action {shown((name,))}.",
            why=f"The actions are {', '.join(each.name for each in ACTIONS if not each.is_fixed)}.",
            advice=f"Did you mean {near[0]}? Write that, or take the line out."
            if near
            else "Write one of them, or take the line out.",
        )
    if action.is_fixed:
        raise ConfigError(
            f"{_place(loaded, name)}: {name} cannot have another key.",
            why=f"It is always {' and '.join(map(key_words, action.keys))}.",
            advice="Take the line out.",
        )
    given = loaded.settings.ui.keys[name]
    keys = (given,) if isinstance(given, str) else given
    if not keys:
        raise ConfigError(
            f"{_place(loaded, name)}: {name} has no key.",
            why="The list is empty.",
            advice="Name a key, or take the line out.",
        )
    return tuple(_valid_key(loaded, action, key) for key in keys)


def _valid_key(loaded: LoadedConfig, action: Action, given: str) -> str:
    key = normal_key(given)
    fault = f'"{given}" is not the name of a key.' if key is None else ""
    if key is not None:
        fault = _unusable_reason(action, key)
    if fault or key is None:
        raise ConfigError(
            f'{_place(loaded, action.name)}: {action.name} cannot be "{given}".',
            why=fault,
            advice=f'Write a key with ctrl or alt, or one such as "f5": {action.name} = "f5"',
        )
    return key


def normal_key(text: str) -> str | None:
    """A key in Textual's form, or None if it is invalid: ``Ctrl+L``, ``f5``, ``?``, ``alt+left``."""
    from textual.keys import Keys, _character_to_key

    if text in ("+", "plus"):
        return "plus"
    *modifiers, last = text.split("+")
    modifiers = [_OTHER_NAMES.get(each.lower(), each.lower()) for each in modifiers]
    if len(set(modifiers)) < len(modifiers) or not set(modifiers) <= set(_MODIFIERS):
        return None
    if len(last) == 1:
        last = _character_to_key(last.lower() if modifiers else last)
    else:
        last = _OTHER_NAMES.get(last.lower(), last.lower())
        named = {str(key.value).rsplit("+", 1)[-1] for key in Keys}
        if last not in named and not _is_named_character(last):
            return None
    return "+".join([*(each for each in _MODIFIERS if each in modifiers), last])


def _is_named_character(name: str) -> bool:
    """Whether it is Textual's name of a non-letter, such as question_mark."""
    import unicodedata

    try:
        unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return False
    return True


def _unusable_reason(action: Action, key: str) -> str:
    """Why ``key`` could never start ``action``, or empty."""
    same = _SAME_IN_A_TERMINAL.get(key)
    if same is not None:
        return f"A terminal sends the same for {key_words(key)} and {key_words(same)}."
    if action.place == "transcript":
        return ""
    is_written = "+" not in key and key not in _non_text_keys()
    if is_written or (key.startswith("shift+") and len(key) == len("shift+x")):
        return "It is a character that prompts are written with."
    if key in _editing_keys():
        return f"{key_words(key)} edits the prompt."
    return ""


def _non_text_keys() -> frozenset[str]:
    from textual.keys import Keys

    return frozenset(str(key.value) for key in Keys) - {"space", "tab", "enter"}


def _editing_keys() -> frozenset[str]:
    """The prompt editor's own keys, except those that the table redefines."""
    from textual.widgets import TextArea

    others = [action for action in ACTIONS if not action.is_fixed and action.place != "queue"]
    of_table = {key for action in others for key in action.keys}
    fixed = {key for action in ACTIONS if action.is_fixed for key in action.keys}
    editing = {
        key.strip()
        for binding in TextArea.BINDINGS
        for key in (binding.key if not isinstance(binding, tuple) else binding[0]).split(",")
    }
    return frozenset((editing - of_table) | fixed)


def _check_clashes(loaded: LoadedConfig, action: Action, actions: tuple[Action, ...]) -> None:
    for key in action.keys:
        for other in actions:
            if other is action or key not in other.keys or not _may_clash(action, other):
                continue
            where = _place(loaded, action.name)
            raise ConfigError(
                f"{where}: {key_words(key)} cannot be the key of {action.name}.",
                why=f"It is the key of {other.name}{_location_note(loaded, other)}.",
                advice=f"Give one of the two another key: {other.name} = "
                f'"f5" would go below [ui.keys] too.',
            )
    if len(set(action.keys)) < len(action.keys):
        raise ConfigError(
            f"{_place(loaded, action.name)}: {action.name} has a key twice.",
            why=", ".join(map(key_words, action.keys)),
            advice="Take one of them out.",
        )


def _may_clash(one: Action, other: Action) -> bool:
    """Whether both could be meant by one key press."""
    is_one_widget = one.place == other.place
    return is_one_widget or not {one.place, other.place} <= {"composer", "queue", "transcript"}


def _location_note(loaded: LoadedConfig, other: Action) -> str:
    return f" ({_place(loaded, other.name)})" if other.name in loaded.settings.ui.keys else ""


def _place(loaded: LoadedConfig, name: str) -> str:
    path = ("ui", "keys", name)
    origin = loaded.origins.get(dotted(path))
    place = origin.describe() if origin is not None else "the configuration"
    return f"{place}, {shown(path)}"
