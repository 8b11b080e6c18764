"""JSON by its letter: without NaN and numbers that no float holds. Pure."""

from __future__ import annotations

import json
from math import isfinite


def strict_decoder(*, takes_line_ends: bool = False) -> json.JSONDecoder:
    """Raises ValueError for what could not be sent on as JSON. With ``takes_line_ends`` a text may
    hold control characters."""
    return json.JSONDecoder(
        strict=not takes_line_ends, parse_constant=_refuse_constant, parse_float=_finite
    )


def is_deeper(value: object, depth: int) -> bool:
    """Whether containers stand in each other more than ``depth`` times."""
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
