"""Amounts as people read them: sizes in decimal units, as Ollama's own listing has them. Pure."""

from __future__ import annotations

_UNITS = ((1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600


def size_words(size_bytes: float) -> str:
    """``19 GB``, ``4.7 GB``, ``512 MB``."""
    for unit, name in _UNITS:
        if size_bytes >= unit:
            number = size_bytes / unit
            has_fraction = number < 9.95 and unit >= 1_000_000_000
            return f"{number:.1f} {name}" if has_fraction else f"{number:.0f} {name}"
    return f"{size_bytes:.0f} B"


def duration_words(seconds: float) -> str:
    """``42 s``, ``6 min``, ``2 h 5 min``, ``3 days``."""
    whole = round(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{round(whole / _MINUTE)} min"
    if whole < 2 * _DAY:
        minutes = round(whole % _HOUR / _MINUTE)
        hours = whole // _HOUR + minutes // 60
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{round(whole / _DAY)} days"


def tokens_words(count: int) -> str:
    """``131072`` as ``128k``, ``1048576`` as ``1M``: window sizes are powers of two."""
    if count < 1_024:
        return str(count)
    if round(count / 1_024) < 1_000:
        return f"{count / 1_024:.0f}k"
    return f"{count / 1_048_576:.1f}M".replace(".0M", "M")


def rate_words(tokens_per_second: float) -> str:
    """``34 tok/s``, ``4.2 tok/s``."""
    return f"{tokens_per_second:.{0 if tokens_per_second >= 9.95 else 1}f} tok/s"
