"""Parses the JSON shapes in which models write tool calls. Pure, total."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.lazy_dataclass import dataclass

NAME_KEYS = ("name", "tool", "tool_name", "function_name", "function")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "params", "input", "tool_input")
WRAPPER_KEYS = ("tool_calls", "tool_call", "function_call", "function")

_BESIDE_KEYS = frozenset({"id", "type", "index", "call_id"})


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call as the model wrote it. ``ruins`` is the text of a call that could not be parsed."""

    name: str
    arguments: object
    ruins: str = ""


def plain_name(name: str) -> str:
    """A name without what models add to it: ``functions.readFile`` becomes ``readfile``."""
    last = re.split(r"[.:/]", name.strip())[-1] or name
    return last.lower().replace("_", "").replace("-", "")


def calls_in(value: object, *, is_marked: bool, depth: int = 3) -> list[WrittenCall] | None:
    """The calls in a JSON value; None if it is anything else.

    After a call marker the arguments may be next to the name, or missing.
    """
    if isinstance(value, list) and depth:
        parts = [calls_in(item, is_marked=is_marked, depth=depth - 1) for item in value]
        if not parts or any(part is None for part in parts):
            return None
        return [call for part in parts for call in part or []]
    if not isinstance(value, dict):
        return None
    for key in WRAPPER_KEYS:
        inner = value.get(key)
        if isinstance(inner, dict | list) and depth and not _others(value, key):
            return calls_in(inner, is_marked=is_marked, depth=depth - 1)
    name_key = next((key for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    if name_key is None or not value[name_key]:
        return None
    name = str(value[name_key])
    for key in ARGUMENT_KEYS:
        if key in value and (is_marked or not _others(value, name_key, key)):
            return [WrittenCall(name, value[key])]
    if not is_marked:
        return None
    return [WrittenCall(name, {key: value[key] for key in _others(value, name_key)})]


def _others(value: Mapping[str, JsonValue], *known: str) -> list[str]:
    return [key for key in value if key not in known and key not in _BESIDE_KEYS]
