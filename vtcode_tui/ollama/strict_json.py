"""Strict JSON decoding: no NaN, no numbers beyond a float. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite

_MOST_DIGITS = 308
"""Integers with more digits overflow a float, which is how a Go server decodes them."""


def strict_decoder(*, takes_line_ends: bool = False) -> json.JSONDecoder:
    """A decoder that raises ValueError for values that cannot be re-encoded, except huge integers:
    check those with ``is_too_large``. With ``takes_line_ends`` strings may contain control characters."""
    return json.JSONDecoder(
        strict=not takes_line_ends,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_whole,
    )


def is_deeper(value: object, depth: int) -> bool:
    """Whether containers are nested deeper than ``depth``."""
    level: list[object] = [value]
    while level and depth >= 0:
        level = [child for container in level for child in _children(container)]
        depth -= 1
    return bool(level)


def is_too_large(value: object) -> bool:
    """Whether ``value`` contains an integer that does not fit in a float."""
    waiting: list[object] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, int) and abs(each) >= 10**_MOST_DIGITS:
            return True
        waiting.extend(_children(each))
    return False


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _whole(digits: str) -> int:
    """Python refuses to parse thousands of digits: they are cut to a number that is still too large."""
    return int(digits[: _MOST_DIGITS + 2])


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("a number in it is too large")
    return number
