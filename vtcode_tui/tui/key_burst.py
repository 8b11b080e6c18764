"""Tells keys that a person types from text that a terminal without bracketed paste types for them.

A program sends its keys within milliseconds. An Enter among them is a line break of the text; one
that ends a single line is an Enter, as from a script. Pure; times are seconds of any one clock.
"""

from __future__ import annotations

_GAP_S = 0.02
"""Nobody's keys come faster than this."""
_NEW_BURST_S = 0.15
HOLD_S = 0.04
"""How long an Enter waits to see whether more of the burst follows it."""


class KeyBurst:
    """Call ``typed`` for each key that writes; ask ``holds_enter`` at each Enter."""

    def __init__(self) -> None:
        self._last_s = float("-inf")
        self._has_break = False

    @property
    def has_break(self) -> bool:
        """Whether lines were broken in this burst: then its last Enter is one more break."""
        return self._has_break

    def typed(self, now_s: float) -> None:
        if now_s - self._last_s > _NEW_BURST_S:
            self._has_break = False
        self._last_s = now_s

    def holds_enter(self, now_s: float) -> bool:
        """Whether an Enter comes too soon after a key to be a person's."""
        return now_s - self._last_s < _GAP_S

    def broke_line(self, now_s: float) -> None:
        """The Enter that was held was a line break."""
        self._has_break = True
        self._last_s = now_s
