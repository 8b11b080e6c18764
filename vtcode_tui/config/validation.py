"""Validates the configuration layers with pydantic-settings and describes errors.

The plain check of ``config.keys`` accepts valid configurations without importing pydantic, which
would cost more than the rest of loading them. Everything that it does not accept is checked here.
Each layer is validated separately, so that an invalid value is found even where a higher layer
overrides it, and so that the error can name its place.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import GenericAlias, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, ValidationError, create_model
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from vtcode_tui.config.keys import KeyPath, build_settings, dotted, key_table, nested, shown
from vtcode_tui.config.layers import Layer, Origin
from vtcode_tui.config.schema import Settings
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.errors import ConfigError

_MAX_SHOWN = 60
_MAX_PROBLEMS = 10


def resolve(layers: Sequence[Layer]) -> Settings:
    """The settings from ``layers``, lowest first.

    Raises ConfigError with the place of each invalid value of the lowest layer that has one.
    """
    for layer in layers:
        wrong = _wrong_paths(layer)
        if wrong:
            raise _error(layer, wrong)
    return build_settings(_settings_model(layers)().model_dump())


def _settings_model(layers: Sequence[Layer]) -> type[BaseSettings]:
    """A model whose only sources are ``layers``: os.environ and .env files are not read."""

    class LayeredSettings(BaseSettings):
        model_config = SettingsConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *_: PydanticBaseSettingsSource,
            **__: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            # The order of the sources is their precedence.
            return tuple(
                InitSettingsSource(settings_cls, init_kwargs=nested(layer.values))
                for layer in reversed(layers)
            )

    return create_model("Settings", __base__=LayeredSettings, **_definitions(Settings))


def _definitions(table: type) -> dict[str, Any]:
    """The fields of a schema class in the form of ``create_model``."""
    definitions: dict[str, Any] = {}
    hints = get_type_hints(table, include_extras=True)
    for member in fields(table):
        annotation = _as_toml(hints[member.name])
        if is_dataclass(annotation) and isinstance(annotation, type):
            model = create_model(
                annotation.__name__,
                __config__=ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True),
                **_definitions(annotation),
            )
            definitions[member.name] = (model, model())
        elif callable(member.default_factory):
            definitions[member.name] = (annotation, member.default_factory())
        else:
            definitions[member.name] = (annotation, member.default)
    return definitions


def _as_toml(annotation: Any) -> Any:
    """The annotation with tuples as lists: strict validation needs the types that TOML gives."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        return GenericAlias(list, arguments[:1])
    if origin is Mapping:
        return Mapping[arguments[0], _as_toml(arguments[1])]  # type: ignore[misc,valid-type]  # made here
    if origin in (Union, UnionType):
        return Union[tuple(_as_toml(argument) for argument in arguments)]  # noqa: UP007 (made here)
    return annotation


def _wrong_paths(layer: Layer) -> list[KeyPath]:
    if not layer.values:
        return []
    try:
        _settings_model([layer])()
    except ValidationError as error:
        places = [
            problem["loc"] for problem in error.errors(include_url=False, include_input=False)
        ]
    else:
        return []
    wrong = {_path_in(layer, tuple(map(str, place))): None for place in places}
    return list(wrong)


def _path_in(layer: Layer, place: KeyPath) -> KeyPath:
    """The longest prefix of ``place`` for which the layer has a value."""
    for length in range(len(place), 0, -1):
        if place[:length] in layer.values:
            return place[:length]
    return place


def _error(layer: Layer, paths: Sequence[KeyPath]) -> ConfigError:
    """One error for all invalid values of a layer. It is built outside of any exception handler, so
    that no exception with a value is attached to it."""
    first, *others = paths
    reasons = [f"Allowed: {key_table().allowed(first)}."]
    reasons += [
        f"Also: {_complaint(layer, path)} Allowed: {key_table().allowed(path)}."
        for path in others[: _MAX_PROBLEMS - 1]
    ]
    return ConfigError(
        _capitalised(_complaint(layer, first)),
        why="\n".join(reasons),
        advice=_advice(layer, first),
    )


def _complaint(layer: Layer, path: KeyPath) -> str:
    origin = layer.origins[path]
    key = key_table().key_of(path)
    is_secret = key is not None and key.kind.base is SecretStr
    value = "used as it is" if is_secret else _shown(layer.values[path])
    if origin.path is None:
        return f"{origin.describe()} cannot be {value}."
    return f"{origin.describe()}: {shown(path)} cannot be {value}."


def _shown(value: object) -> str:
    """An invalid value for display, shortened if it is long. Not for secrets."""
    if isinstance(value, str | bool | int | float):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else "a date or time"


def _advice(layer: Layer, path: KeyPath) -> str:
    origin = layer.origins[path]
    key = key_table().key_of(path)
    choices = key.kind.choices if key is not None else ()
    near = difflib.get_close_matches(str(layer.values[path]).lower(), choices, n=1)
    choice = near[0] if near else choices[0] if len(choices) == 1 else None
    if choice is None:
        return _general_advice(origin)
    if origin.layer == "cli":
        return f"Try: {origin.name} {choice}"
    if origin.layer == "environment":
        return f"Try: export {origin.name}={choice}"
    return f'Write: {dotted(path[-1:])} = "{choice}"'


def _general_advice(origin: Origin) -> str:
    if origin.layer == "cli":
        return f"Give another value to {origin.name}, or leave it out."
    if origin.layer == "environment":
        return f"Set it to an allowed value, or: unset {origin.name}"
    return "Correct it there, or take the line out to get the default."


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
