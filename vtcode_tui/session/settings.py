"""The settings that a session is resumed with."""

from __future__ import annotations

from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """``model`` is the server's name for it; ``num_ctx`` is the context window in tokens.

    ``server`` is the address of the server, for display only: where a conversation is sent is
    decided by the command line or the user's own files. It is empty for the built-in model's
    server.
    """

    model: str = ""
    effort: str | None = None
    num_ctx: int | None = None
    server: str = ""
