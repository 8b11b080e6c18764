"""Repairs a call's arguments so that they match the tool's schema. Pure, never raises.

Repaired are: other names for a parameter (``file_path``), strings for numbers or booleans, objects
or lists encoded as strings, null for an optional parameter. The result either matches or comes with
a problem for the model to read. Supported schema keywords: type, properties, required,
additionalProperties, items, enum, const, anyOf and oneOf.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama import tolerant_json

_DEPTH_CAP = 16
_PROBLEMS_CAP = 4
_SHOWN_CAP = 60
_TRUTH = {"true": True, "false": False}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}(?:\.0+)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?")
_ALIASES = {
    "path": (
        "file_path",
        "filepath",
        "file",
        "filename",
        "file_name",
        "directory",
        "dir",
        "folder",
    ),
    "content": ("contents", "text", "file_content", "file_text"),
    "old_text": ("old_string", "old_str", "search", "find"),
    "new_text": ("new_string", "new_str", "replace", "replacement"),
    "pattern": ("query", "regex", "search"),
    "glob": ("include", "file_pattern"),
    "command": ("cmd", "bash", "shell", "script"),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """``problem`` is empty if the arguments match; ``repairs`` describe what was changed."""

    arguments: dict[str, JsonValue]
    problem: str = ""
    repairs: tuple[str, ...] = ()


@dataclass(slots=True)
class _Notes:
    problems: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


def fit_arguments(arguments: object, schema: JsonObject) -> Fit:
    """``arguments`` repaired to match ``schema``; they may be an object, a JSON string, or None."""
    notes = _Notes()
    if isinstance(arguments, str) and arguments.strip():
        arguments = _from_text(arguments, dict, "arguments", notes)
    if arguments is None or arguments == "":
        arguments = {}
    if not isinstance(arguments, Mapping):
        return Fit({}, "the arguments are not an object")
    named = _with_own_names(dict(arguments), schema, notes)
    fitted = _fit_object(named, schema, "", notes, 0)
    problems = "; ".join(notes.problems[:_PROBLEMS_CAP])
    return Fit(fitted, problems, tuple(notes.repairs))


def _with_own_names(
    arguments: dict[str, JsonValue], schema: JsonObject, notes: _Notes
) -> dict[str, JsonValue]:
    """Rename arguments to the schema's parameters where that is unambiguous."""
    properties = _mapping(schema.get("properties"))
    free = [name for name in properties if name not in arguments]
    plain = {_plain(name): name for name in free}
    named: dict[str, JsonValue] = {}
    for name, value in arguments.items():
        meant = name
        if name not in properties:
            known_as = [own for own in free if name.lower() in _ALIASES.get(own, ())]
            meant = plain.get(_plain(name)) or (known_as[0] if len(known_as) == 1 else name)
        if meant != name and meant not in named:
            notes.repairs.append(f"{name[:_SHOWN_CAP]} taken for {meant}")
            named[meant] = value
        else:
            named[name] = value
    return named


def _fit_object(
    value: dict[str, JsonValue], schema: JsonObject, where: str, notes: _Notes, depth: int
) -> dict[str, JsonValue]:
    properties = _mapping(schema.get("properties"))
    required = schema.get("required")
    needed = (
        [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    )
    takes_more = bool(schema.get("additionalProperties")) or not properties
    fitted: dict[str, JsonValue] = {}
    for name, item in value.items():
        inner = _mapping(properties.get(name))
        if name not in properties:
            if takes_more:
                fitted[name] = item
            else:
                notes.problems.append(f"{where}{name[:_SHOWN_CAP]} is no parameter")
        elif item is None and name not in needed and not _takes(None, inner):
            notes.repairs.append(f"{where}{name} left out")
        else:
            fitted[name] = _fit(item, inner, where + name, notes, depth + 1)
    for name in needed:
        if name not in value:
            notes.problems.append(f"{where}{name} is missing")
    return fitted


def _fit(value: JsonValue, schema: JsonObject, where: str, notes: _Notes, depth: int) -> JsonValue:
    if depth > _DEPTH_CAP:
        return value
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list) and options:
        return _fit_one_of(value, [_mapping(option) for option in options], where, notes, depth)
    if not _takes(value, schema):
        value = _converted(value, schema, where, notes)
    if not _takes(value, schema):
        notes.problems.append(f"{where} must be {_wanted(schema)}")
        return value
    if isinstance(value, dict):
        return _fit_object(value, schema, f"{where}.", notes, depth)
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        return [_fit(item, items, f"{where}[]", notes, depth + 1) for item in value]
    return value


def _fit_one_of(
    value: JsonValue, options: list[JsonObject], where: str, notes: _Notes, depth: int
) -> JsonValue:
    """The first option that matches unchanged, else the first that matches after repair."""
    takers = [option for option in options if _takes(value, option)]
    for option in [*takers, *(option for option in options if option not in takers)]:
        tried = _Notes()
        fitted = _fit(value, option, where, tried, depth + 1)
        if not tried.problems:
            notes.repairs += tried.repairs
            return fitted
    notes.problems.append(f"{where} must be {' or '.join(map(_wanted, options))}")
    return value


def _takes(value: JsonValue, schema: JsonObject) -> bool:
    """Whether ``value`` has the type and is among the values that ``schema`` allows."""
    allowed = schema.get("enum")
    if isinstance(allowed, list) and not any(_same(value, item) for item in allowed):
        return False
    if "const" in schema and not _same(value, schema["const"]):
        return False
    kinds = _kinds(schema)
    return not kinds or any(_is_kind(value, kind) for kind in kinds)


def _same(one: JsonValue, other: JsonValue) -> bool:
    """Equality that tells True from 1."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _kinds(schema: JsonObject) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, list):
        return [item for item in kind if isinstance(item, str)]
    return [kind] if isinstance(kind, str) else []


def _is_kind(value: JsonValue, kind: str) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "null":
            return value is None
        case _:
            return True


def _converted(value: JsonValue, schema: JsonObject, where: str, notes: _Notes) -> JsonValue:
    """``value`` converted to the type that was meant, or unchanged if that is not clear."""
    for kind in _kinds(schema) or (["string"] if "enum" in schema else []):
        other = _as_kind(value, kind)
        if other is not None and _takes(other, schema):
            notes.repairs.append(f"{where} read as {_article(kind)}")
            return other
    return value


def _as_kind(value: JsonValue, kind: str) -> JsonValue:
    """The converted value, or None if the conversion is not obvious."""
    match value, kind:
        case str(), "integer" if _INTEGER.fullmatch(value.strip()):
            return int(value.strip().partition(".")[0])
        case str(), "number" if _INTEGER.fullmatch(value.strip()):
            return int(value.strip().partition(".")[0])
        case str(), "number" if _NUMBER.fullmatch(value.strip()):
            return float(value)
        case str(), "boolean":
            return _TRUTH.get(value.strip().lower())
        case str(), "array":
            return _parsed(value, list)
        case str(), "object":
            return _parsed(value, dict)
        case bool(), _:
            return None
        case float(), "integer" if value.is_integer():
            return int(value)
        case ((int() | float()), "string"):
            return json.dumps(value)
        case _:
            return None


def _from_text(text: str, kind: type[dict[str, JsonValue]], where: str, notes: _Notes) -> object:
    parsed = _parsed(text, kind)
    if parsed is None:
        return text
    notes.repairs.append(f"{where} read out of a text")
    return parsed


def _parsed(text: str, kind: type) -> JsonValue:
    try:
        value = tolerant_json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) and isinstance(value, kind) else None


def _wanted(schema: JsonObject) -> str:
    allowed = schema.get("enum")
    if isinstance(allowed, list):
        return "one of " + ", ".join(json.dumps(item, ensure_ascii=False) for item in allowed[:12])
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    return " or ".join(map(_article, _kinds(schema))) or "as the schema says"


def _article(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
