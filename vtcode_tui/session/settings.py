"""What a session is continued with beside its messages. Frozen values."""

from __future__ import annotations

from vtcode_tui.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """``model`` as the server names it; ``num_ctx`` is the context window in tokens."""

    model: str = ""
    effort: str | None = None
    num_ctx: int | None = None
