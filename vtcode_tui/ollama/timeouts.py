"""Time limits for a server's answers."""

from __future__ import annotations

from collections.abc import Callable

from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds.

    A server sends no head until the model is loaded. So after each ``first_byte_s`` without one it
    is asked whether it is alive, and waited for as long as it is. ``idle_s`` is the longest time
    without progress in a stream; ``call_idle_s`` is the same when tools are offered, since a server
    buffers a call completely, which takes minutes on a slow machine. ``answer_s`` limits short
    requests as a whole.
    """

    connect_s: float = 5.0
    loopback_connect_s: float = 2.0
    first_byte_s: float = 600.0
    idle_s: float = 120.0
    call_idle_s: float = 1_800.0
    answer_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Watch:
    """``progress`` changes with each step of a stream; ``limit_s`` is the longest pause."""

    progress: Callable[[], object]
    limit_s: float | None
