"""How the command rules say that something is not proven harmless."""

from __future__ import annotations


class Unproven(Exception):
    """A command has a part that is not known to be harmless, so it asks.

    ``reason`` completes the sentence "It asks because it ..." in plain words. It may quote words of
    the command: clean it before it reaches a terminal.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_QUOTE_CHARACTERS = 60


def quoted(word: str) -> str:
    """``word`` as a reason quotes it: never longer than a few words."""
    if len(word) <= _QUOTE_CHARACTERS:
        return word
    return word[:_QUOTE_CHARACTERS] + "…"
