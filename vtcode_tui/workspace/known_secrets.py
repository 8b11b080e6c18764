"""The secrets that this program came to know, and texts without them. Knows no files; thread-safe.

They are the user's keys and what stood in files that usually hold secrets when those were read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

MASK = "***"
SHORTEST = 6
MOST = 500


class KnownSecrets:
    """Grows while the program runs; nothing is ever forgotten, at most ``MOST`` are kept."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._values: tuple[str, ...] = ()
        self.add(values)

    @property
    def values(self) -> tuple[str, ...]:
        """The longest first, so that none leaves a part of another."""
        return self._values

    def add(self, values: Iterable[str]) -> None:
        """Values shorter than ``SHORTEST`` characters are nobody's secret."""
        fresh = {value for value in values if len(value) >= SHORTEST}
        with self._lock:
            if not fresh.issubset(self._values):
                every = sorted({*self._values, *fresh}, key=lambda value: (-len(value), value))
                self._values = tuple(every[:MOST])

    def learn(self, text: str) -> None:
        """Take in the secrets of a text that came from a file that usually holds some."""
        from vtcode_tui.workspace.secret_values import secrets_in

        self.add(secrets_in(text))

    def masked(self, text: str) -> str:
        """``text`` with stars in the place of each secret."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return text
