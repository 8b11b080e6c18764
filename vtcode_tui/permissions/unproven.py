"""The exception by which command rules say that something is not proven harmless."""

from __future__ import annotations


class Unproven(Exception):
    """Part of a command is not known to be harmless, so it asks.

    ``reason`` completes the sentence "It asks because it ..." in plain words. It may quote the
    command: clean it before display.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_QUOTE_CHARACTERS = 60


def quoted(word: str) -> str:
    """``word`` for a reason, shortened to a few words."""
    if len(word) <= _QUOTE_CHARACTERS:
        return word
    return word[:_QUOTE_CHARACTERS] + "…"
