"""The schema as a table of keys, a plain check of values, and Settings built from checked values.

Pure, and standard library only, so that it can run before the first screen. A key's path is the
tuple of its names, ``("tools", "policies", "write_file")``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from vtcode_tui.config.rules import Range, Rule, Text
from vtcode_tui.config.schema import Settings
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.lazy_dataclass import dataclass

KeyPath: TypeAlias = tuple[str, ...]

TABLE_ALLOWED = "a table"
_LEAF_TYPES: Mapping[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    SecretStr: "a text in quotes",
}
_MAX_SHOWN = 80
_BARE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value: one of ``choices``, or of type ``base`` and within the rules; a list of
    such values if ``is_list``, one or a list if ``may_be_list``."""

    base: type
    choices: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    is_list: bool = False
    may_be_list: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.is_list:
            return f"a list in brackets, each entry {replace(self, is_list=False).allowed}"
        if self.may_be_list:
            return f"{replace(self, may_be_list=False).allowed}; or a list of such in brackets"
        if self.choices:
            return ", ".join(f'"{choice}"' for choice in self.choices)
        if self.rules:
            return "; ".join(rule.allowed for rule in self.rules)
        return _LEAF_TYPES[self.base]

    def accepts(self, value: object) -> bool:
        if self.is_list or (self.may_be_list and type(value) is list):
            entry = replace(self, is_list=False, may_be_list=False)
            return type(value) is list and all(entry.accepts(item) for item in value)
        # Exact types: to Python, true is an int.
        if type(value) is not self.base:
            return False
        if self.choices and value not in self.choices:
            return False
        return all(rule.admits(value) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the schema. In a mapping, ``kind`` is that of each entry."""

    path: KeyPath
    kind: Kind
    explanation: str
    default: object
    is_mapping: bool = False


@dataclass(frozen=True, slots=True)
class KeyTable:
    """All keys in schema order, and the paths of their tables."""

    keys: Mapping[KeyPath, Key]
    tables: frozenset[KeyPath]

    def key_of(self, path: KeyPath) -> Key | None:
        """The key for the value at ``path``: the key itself, or the mapping that contains it."""
        key = self.keys.get(path)
        if key is not None:
            return None if key.is_mapping else key
        mapping = self.keys.get(path[:-1])
        return mapping if mapping is not None and mapping.is_mapping else None

    def accepts(self, path: KeyPath, value: object) -> bool:
        key = self.key_of(path)
        return key is not None and key.kind.accepts(value)

    def allowed(self, path: KeyPath) -> str:
        """The allowed values at ``path``, in words."""
        key = self.key_of(path)
        if key is not None:
            return key.kind.allowed
        return (
            f"{TABLE_ALLOWED}, written as [{shown(path)}] in a line of its own with its keys below"
        )


@cache
def key_table() -> KeyTable:
    keys: dict[KeyPath, Key] = {}
    tables: set[KeyPath] = set()
    _collect(Settings, (), keys, tables)
    return KeyTable(keys, frozenset(tables))


def dotted(path: KeyPath) -> str:
    """``path`` as TOML writes it, quoted where necessary."""
    return ".".join(map(_quoted_name, path))


def shown(path: KeyPath) -> str:
    """``dotted`` for a message; very long names are cut."""
    text = dotted(path)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"


def nested(values: Mapping[KeyPath, object]) -> dict[str, object]:
    """The values in nested tables, as in a TOML file."""
    root: dict[str, object] = {}
    for path, value in values.items():
        node = root
        for name in path[:-1]:
            child = node.setdefault(name, {})
            if not isinstance(child, dict):
                raise TypeError(f"{dotted(path)} lies below a value")
            node = child
        node[path[-1]] = value
    return root


def build_settings(values: Mapping[str, object]) -> Settings:
    """Settings from checked values in nested tables; missing ones get their defaults."""
    return _build(Settings, values)


def _build(table: type[_T], values: Mapping[str, object]) -> _T:
    arguments: dict[str, object] = {}
    for name, annotation in get_type_hints(table).items():
        if name not in values:
            continue
        value = values[name]
        if is_dataclass(annotation) and isinstance(annotation, type) and isinstance(value, Mapping):
            value = _build(annotation, value)
        elif isinstance(value, Mapping):
            value = {entry: _frozen(each) for entry, each in value.items()}
        arguments[name] = _frozen(value)
    return table(**arguments)


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _collect(table: type, path: KeyPath, keys: dict[KeyPath, Key], tables: set[KeyPath]) -> None:
    hints = get_type_hints(table, include_extras=True)
    for member in fields(table):
        member_path = (*path, member.name)
        annotation = hints[member.name]
        if is_dataclass(annotation) and isinstance(annotation, type):
            tables.add(member_path)
            _collect(annotation, member_path, keys, tables)
            continue
        is_mapping = get_origin(annotation) is Mapping
        if is_mapping:
            tables.add(member_path)
            annotation = get_args(annotation)[1]
        keys[member_path] = Key(
            path=member_path,
            kind=_kind(annotation),
            explanation=member.metadata["explanation"],
            default=None if is_mapping else member.default,
            is_mapping=is_mapping,
        )


def _kind(annotation: object) -> Kind:
    """The kind for an annotation of the schema; TypeError for an unsupported one."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not NoneType]
        if len(members) == 1:
            return _kind(members[0])
        if len(members) == 2 and get_origin(members[1]) is tuple:
            return replace(_kind(members[0]), may_be_list=True)
    elif origin is Literal:
        return Kind(str, choices=get_args(annotation))
    elif origin is Annotated:
        base, *extras = get_args(annotation)
        rules = tuple(extra for extra in extras if isinstance(extra, Text | Range))
        inner = _kind(base)
        return Kind(inner.base, inner.choices, inner.rules + rules)
    elif origin is tuple:
        return replace(_kind(get_args(annotation)[0]), is_list=True)
    elif isinstance(annotation, type) and annotation in _LEAF_TYPES:
        return Kind(annotation)
    raise TypeError(f"the schema has a type that the plain check does not know: {annotation!r}")


def _quoted_name(name: str) -> str:
    if _BARE_NAME.fullmatch(name):
        return name
    import json

    return json.dumps(name, ensure_ascii=False)
