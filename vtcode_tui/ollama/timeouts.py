"""How long a server may take for what. Values only."""

from __future__ import annotations

from collections.abc import Callable

from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds.

    A server sends no head until the model is loaded, so after each ``first_byte_s`` without one it
    is asked whether it lives, and waited for as long as it does. ``idle_s`` is the longest time
    without progress in a stream, ``call_idle_s`` the same where tools are offered: while a server
    collects a call it sends nothing, for minutes on a slow machine. ``answer_s`` is for the short
    calls as a whole.
    """

    connect_s: float = 5.0
    loopback_connect_s: float = 2.0
    first_byte_s: float = 600.0
    idle_s: float = 120.0
    call_idle_s: float = 1_800.0
    answer_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Watch:
    """``progress`` changes with each step that a stream makes; the longest pause is ``limit_s``."""

    progress: Callable[[], object]
    limit_s: float | None
