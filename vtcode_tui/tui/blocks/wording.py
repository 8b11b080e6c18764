"""Formats durations and states as short text. Pure."""

from __future__ import annotations

from vtcode_tui.conversation.events import TurnEnd

TURN_ENDS = {
    TurnEnd.DONE: "Done.",
    TurnEnd.LENGTH: "Stopped: the answer reached the server's limit of output tokens. Say “go on” for the rest.",
    TurnEnd.CANCELLED: "Interrupted.",
    TurnEnd.FAILED: "The turn failed.",
    TurnEnd.STEP_LIMIT: "Stopped: too many steps in one turn. Say “go on” to continue.",
}


def duration(seconds: float) -> str:
    """A duration as ``0.4s``, ``12s``, ``2m 05s`` or ``1h 02m``."""
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02}m"


def elapsed(seconds: float) -> str:
    """Like ``duration`` but in whole seconds, for something that is still running."""
    return f"{int(seconds)}s" if seconds < 60 else duration(int(seconds))
