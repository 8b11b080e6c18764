"""What a session is continued with beside its messages. Frozen values."""

from __future__ import annotations

from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """``model`` as the server names it; ``num_ctx`` is the context window in tokens. ``server`` is
    the address of the server, to be told and never to be connected to: what a command line or a file
    of the user's says is where a conversation goes. Empty for the built-in model's own."""

    model: str = ""
    effort: str | None = None
    num_ctx: int | None = None
    server: str = ""
