"""Words that the model and the user read alike. Pure."""

from __future__ import annotations


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """``1 line``, ``1,234 lines``; ``plural`` is for words that do not take an ``s``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
