"""The secrets that this program came to know, and texts without them. Knows no files; thread-safe.

They are the user's keys and what stood in files that usually hold secrets when those were read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from vtcode_tui.secrecy import MASK, places, starred

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
        return starred(text, self._values)


class StreamMask:
    """Takes bytes in pieces and gives them with stars in the place of each secret, also of one that
    lies across pieces: the end of what came is held until it is known not to be the beginning of one.
    What is learned meanwhile counts from then on.
    """

    def __init__(self, secrets: KnownSecrets) -> None:
        self._secrets = secrets
        self._held = b""
        self._starred = 0

    def feed(self, piece: bytes) -> bytes:
        """What can be told by now."""
        values = self._encoded()
        longest = max(map(len, values), default=1)
        return self._passed(self._held + piece, values, held_bytes=longest - 1)

    def finish(self) -> bytes:
        """The rest."""
        return self._passed(self._held, self._encoded(), held_bytes=0)

    def _encoded(self) -> list[bytes]:
        return [value.encode("utf-8", "surrogatepass") for value in self._secrets.values]

    def _passed(self, content: bytes, values: list[bytes], *, held_bytes: int) -> bytes:
        """Everything up to where a secret may begin that is not whole yet.

        Stars already stand for the first ``_starred`` bytes: what overlaps them is under them too.
        """
        undecided = max(0, len(content) - held_bytes)
        passed: list[bytes] = []
        at = self._starred
        for start, end in places(content, values):
            if start >= undecided:
                break
            if start >= at:
                passed += (content[at:start], MASK.encode())
            at = max(at, end)
        passed.append(content[at:undecided])
        self._held = content[undecided:]
        self._starred = max(0, at - undecided)
        return b"".join(passed)
