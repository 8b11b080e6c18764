"""Encodes the vocabulary's values as JSON and back, driven by their type annotations. Pure.

A field with its default value is left out and an unknown field is ignored, so that files of older
and newer versions load. Decoding checks every type and raises RecordError.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast

from vtcode_tui.conversation.events import Event
from vtcode_tui.conversation.messages import JsonValue, Message
from vtcode_tui.conversation.results import DiffLine
from vtcode_tui.errors import ServerError, VtcodeError

Fields = dict[str, JsonValue]

_KIND = "kind"
_PLAIN = (str, int, bool)
_ROWS = (DiffLine,)
_made: dict[type, _Codec] = {}
_Value = TypeVar("_Value")


class RecordError(ValueError):
    """The record does not have the expected form."""


@dataclass(frozen=True, slots=True)
class _Codec:
    """Encoder and decoder of one type. ``decode`` raises RecordError."""

    encode: Callable[[Any], JsonValue]
    decode: Callable[[JsonValue], Any]


def type_name(cls: type) -> str:
    """The class's name in a record: ``TurnStarted`` is ``turn_started``."""
    return re.sub(r"(?<=.)(?=[A-Z])", "_", cls.__name__).lower()


EVENT_TYPES: Mapping[str, type] = {type_name(cls): cls for cls in typing.get_args(Event)}


def encode_event(event: Event) -> tuple[str, Fields]:
    """The event's type name and its fields."""
    return type_name(type(event)), cast("Fields", _class_codec(type(event)).encode(event))


def decode_event(name: str, fields: Mapping[str, JsonValue]) -> Event:
    """The event in a record. Raises RecordError."""
    cls = EVENT_TYPES.get(name)
    if cls is None:
        raise RecordError(f"no event is named {name}")
    return cast("Event", _class_codec(cls).decode(dict(fields)))


def encode_messages(messages: Iterable[Message]) -> list[JsonValue]:
    codec = _union_codec(typing.get_args(Message))
    return [codec.encode(message) for message in messages]


def decode_messages(values: JsonValue) -> tuple[Message, ...]:
    """The messages in a list of records. Raises RecordError."""
    codec = _union_codec(typing.get_args(Message))
    return tuple(codec.decode(value) for value in _expect(values, list))


def decode_as(cls: type[_Value], value: JsonValue) -> _Value:
    """``value`` decoded as a dataclass of the vocabulary. Raises RecordError."""
    return cast("_Value", _class_codec(cls).decode(value))


def encode_value(value: object) -> Fields:
    """The fields of a dataclass of the vocabulary."""
    return cast("Fields", _class_codec(type(value)).encode(value))


def _class_codec(cls: type) -> _Codec:
    """The codec of a dataclass, cached."""
    codec = _made.get(cls)
    if codec is None:
        codec = _made[cls] = _make_class_codec(cls)
    return codec


def _make_class_codec(cls: type) -> _Codec:
    """The codec of a dataclass as an object with its fields."""
    names = vars(sys.modules[cls.__module__])
    hints = typing.get_type_hints(cls, names, {"VtcodeError": VtcodeError})
    if cls in _ROWS:
        return _row_codec(
            cls, [(each.name, _codec(hints[each.name])) for each in dataclasses.fields(cls)]
        )
    fields = [
        (each.name, _codec(hints[each.name]), _default(each)) for each in dataclasses.fields(cls)
    ]
    plain = [(name, hints[name]) for name, _, _ in fields if hints[name] in _PLAIN]
    rest = [(name, codec.decode) for name, codec, _ in fields if hints[name] not in _PLAIN]
    required = [name for name, _, default in fields if default is dataclasses.MISSING]

    def encode(value: object) -> JsonValue:
        encoded: Fields = {}
        for name, codec, default in fields:
            item = getattr(value, name)
            if default is dataclasses.MISSING or item != default:
                encoded[name] = codec.encode(item)
        return encoded

    def decode(value: JsonValue) -> object:
        given = _expect(value, dict)
        for name in required:
            if name not in given:
                raise RecordError(f"{cls.__name__} without {name}")
        decoded: dict[str, Any] = {}
        # Thousands of these are read at once: the checks of plain types are made right here.
        for name, wanted in plain:
            if name in given:
                decoded[name] = item = given[name]
                if type(item) is not wanted:
                    raise RecordError(f"{type(item).__name__} where {wanted.__name__} belongs")
        for name, decode_item in rest:
            if name in given:
                decoded[name] = decode_item(given[name])
        return cls(**decoded)

    return _Codec(encode, decode)


def _row_codec(cls: type, fields: Sequence[tuple[str, _Codec]]) -> _Codec:
    """A compact codec for numerous dataclasses: a list of their values in order."""

    def encode(value: object) -> JsonValue:
        return [codec.encode(getattr(value, name)) for name, codec in fields]

    def decode(value: JsonValue) -> object:
        given = _expect(value, list)
        if len(given) != len(fields):
            raise RecordError(f"{cls.__name__} of {len(given)} values")
        return cls(*(codec.decode(item) for (_, codec), item in zip(fields, given, strict=True)))

    return _Codec(encode, decode)


def _default(each: dataclasses.Field[Any]) -> object:
    if each.default is not dataclasses.MISSING:
        return each.default
    factory = each.default_factory
    return factory() if factory is not dataclasses.MISSING else dataclasses.MISSING


@cache
def _union_codec(classes: tuple[type, ...]) -> _Codec:
    """The codec of a union of dataclasses: the fields, and the class's name as ``kind``."""
    by_name = {type_name(cls): _class_codec(cls) for cls in classes}
    by_class = {cls: (type_name(cls), _class_codec(cls)) for cls in classes}

    def encode(value: object) -> JsonValue:
        name, codec = by_class[type(value)]
        return {_KIND: name, **cast("Fields", codec.encode(value))}

    def decode(value: JsonValue) -> object:
        name = _expect(value, dict).get(_KIND)
        codec = by_name.get(name) if isinstance(name, str) else None
        if codec is None:
            raise RecordError(f"no kind is named {name!r}")
        return codec.decode(value)

    return _Codec(encode, decode)


def _codec(hint: Any) -> _Codec:
    """The codec for a type annotation."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _optional_codec(arguments)
    if origin is tuple:
        return _sequence_codec(_codec(arguments[0]))
    if origin is Literal:
        return _Codec(_same, lambda value: _one_of(value, arguments))
    if origin is not None and issubclass(origin, Mapping):
        return _Codec(dict, lambda value: _expect(value, dict))
    if dataclasses.is_dataclass(hint):
        cls = cast("type", hint)
        # Looked up at use: a class may hold itself.
        return _Codec(
            lambda value: _class_codec(cls).encode(value),
            lambda value: _class_codec(cls).decode(value),
        )
    if issubclass(hint, VtcodeError):
        return _Codec(_encode_error, _decode_error)
    if issubclass(hint, Enum):
        return _Codec(lambda value: cast("str", value.value), lambda value: _member(hint, value))
    if hint is float:
        return _Codec(_same, _number)
    return _Codec(_same, lambda value: _expect(value, hint))


def _optional_codec(arguments: tuple[Any, ...]) -> _Codec:
    rest = tuple(each for each in arguments if each is not type(None))
    if all(map(dataclasses.is_dataclass, rest)) and len(rest) > 1:
        codec = _union_codec(rest)
    elif len(rest) == 1:
        codec = _codec(rest[0])
    else:
        codec = _Codec(_same, lambda value: _one_of_types(value, rest))
    if len(rest) == len(arguments):
        return codec
    return _Codec(
        lambda value: None if value is None else codec.encode(value),
        lambda value: None if value is None else codec.decode(value),
    )


def _sequence_codec(item: _Codec) -> _Codec:
    return _Codec(
        lambda values: [item.encode(value) for value in values],
        lambda values: tuple(item.decode(value) for value in _expect(values, list)),
    )


def _same(value: Any) -> JsonValue:
    return cast("JsonValue", value)


def _expect(value: object, wanted: type[_Value]) -> _Value:
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise RecordError(f"{type(value).__name__} where {wanted.__name__} belongs")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordError(f"{type(value).__name__} where a number belongs")
    return float(value)


def _one_of(value: JsonValue, allowed: tuple[Any, ...]) -> JsonValue:
    if not any(value == each for each in allowed):
        raise RecordError(f"{value!r} is none of {allowed}")
    return value


def _one_of_types(value: JsonValue, allowed: tuple[type, ...]) -> JsonValue:
    if type(value) not in allowed:
        raise RecordError(f"{type(value).__name__} is none of {allowed}")
    return value


def _member(cls: type[Enum], value: object) -> Enum:
    try:
        return cls(value)
    except ValueError:
        raise RecordError(f"{value!r} is no {cls.__name__}") from None


def _encode_error(error: VtcodeError) -> JsonValue:
    encoded: Fields = {_KIND: type(error).__name__, "what": error.what}
    encoded |= {name: text for name in ("why", "advice") if (text := getattr(error, name))}
    if isinstance(error, ServerError):
        encoded |= {"status": error.status, "may_retry": error.may_retry}
    feature = getattr(error, "feature", "")
    return {**encoded, "feature": feature} if feature else encoded


def _decode_error(value: JsonValue) -> VtcodeError:
    """The error with its texts, in its own class if this version has it."""
    given = _expect(value, dict)
    what, why, advice = (_expect(given.get(n, ""), str) for n in ("what", "why", "advice"))
    cls = _error_classes().get(str(given.get(_KIND)), VtcodeError)
    error: VtcodeError
    if issubclass(cls, ServerError):
        status = given.get("status")
        error = cls(
            what,
            why=why,
            advice=advice,
            status=status if isinstance(status, int) else None,
            may_retry=given.get("may_retry") is True,
        )
    else:
        error = cls(what, why=why, advice=advice)
    if isinstance(feature := given.get("feature"), str) and hasattr(cls, "feature"):
        cast("Any", error).feature = feature
    return error


@cache
def _error_classes() -> Mapping[str, type[VtcodeError]]:
    found: dict[str, type[VtcodeError]] = {}
    waiting: list[type[VtcodeError]] = [VtcodeError]
    while waiting:
        cls = waiting.pop()
        if cls.__module__ == VtcodeError.__module__:
            found[cls.__name__] = cls
            waiting += cls.__subclasses__()
    return found
