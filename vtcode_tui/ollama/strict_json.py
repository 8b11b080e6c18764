"""Strict JSON decoding: no NaN, no numbers beyond a float. Pure."""

from __future__ import annotations

import json
from math import isfinite


def strict_decoder(*, takes_line_ends: bool = False) -> json.JSONDecoder:
    """A decoder that raises ValueError for values that cannot be re-encoded. With
    ``takes_line_ends`` strings may contain control characters."""
    return json.JSONDecoder(
        strict=not takes_line_ends, parse_constant=_refuse_constant, parse_float=_finite
    )


def is_deeper(value: object, depth: int) -> bool:
    """Whether containers are nested deeper than ``depth``."""
    level: list[object] = [value]
    while level and depth >= 0:
        level = [
            child
            for container in level
            if isinstance(container, dict | list)
            for child in (container.values() if isinstance(container, dict) else container)
        ]
        depth -= 1
    return bool(level)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError("a number in it is too large")
    return number
