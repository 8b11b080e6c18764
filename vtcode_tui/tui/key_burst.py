"""Distinguishes typed keys from a paste that a terminal without bracketed paste sends as keys.

A program sends keys within milliseconds. An Enter among them is a line break of the text; one that
ends a single line is an Enter, as sent by a script. Pure; times are seconds of one clock.
"""

from __future__ import annotations

_GAP_S = 0.02
"""No person types faster than this."""
_NEW_BURST_S = 0.15
HOLD_S = 0.04
"""How long an Enter is held to see whether more keys of the burst follow."""


class KeyBurst:
    """Call ``typed`` for each printable key; ask ``holds_enter`` at each Enter."""

    def __init__(self) -> None:
        self._last_s = float("-inf")
        self._has_break = False

    @property
    def has_break(self) -> bool:
        """Whether this burst had line breaks: then its last Enter is one too."""
        return self._has_break

    def typed(self, now_s: float) -> None:
        if now_s - self._last_s > _NEW_BURST_S:
            self._has_break = False
        self._last_s = now_s

    def holds_enter(self, now_s: float) -> bool:
        """Whether an Enter follows a key too quickly to be typed."""
        return now_s - self._last_s < _GAP_S

    def broke_line(self, now_s: float) -> None:
        """The held Enter was a line break."""
        self._has_break = True
        self._last_s = now_s
