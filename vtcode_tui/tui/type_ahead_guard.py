"""Distinguishes keys meant for a dialog from typing that continues into it. Pure."""

from __future__ import annotations


class TypeAheadGuard:
    """Closed until no key came for ``idle_s`` seconds, then open until text is typed again.

    A fixed delay would not do: whoever is typing when a dialog appears may continue for longer than
    any delay, and then decide by accident. Times are seconds of one monotonic clock.
    """

    def __init__(self, idle_s: float = 0.6) -> None:
        self._idle_s = idle_s
        self._idle_since: float | None = None
        self._open_since: float | None = None

    def appeared(self, now: float) -> None:
        """The dialog is visible from now on; until then the guard is closed."""
        self._idle_since = now
        self._open_since = None

    def is_open(self, now: float) -> bool:
        if self._open_since is None and self._idle_since is not None:
            opens_at = self._idle_since + self._idle_s
            self._open_since = opens_at if now >= opens_at else None
        return self._open_since is not None and now >= self._open_since

    def key_came(self, pressed_at: float, *, is_text: bool) -> bool:
        """Record a key; return whether it may act. Text never may, and closes the guard again.

        A key can be delivered long after it was pressed: one pressed before the guard opened shows
        that there was no pause.
        """
        was_open = self.is_open(pressed_at)
        if self._idle_since is not None:
            self._idle_since = max(self._idle_since, pressed_at)
        if is_text or not was_open:
            self._open_since = None
        return was_open and not is_text
