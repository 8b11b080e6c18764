"""The API key: whether it can be sent, and masking it in texts. Pure."""

from __future__ import annotations

import re

from vtcode_tui.errors import ConfigError

_USABLE_KEY = re.compile(r"[!-~]+")
_SHORTEST_SECRET = 4


def usable_key(api_key: str | None) -> str | None:
    """The key, or None if it is blank.

    Raises ConfigError, which does not show the key, if no HTTP header can hold it.
    """
    if api_key is None or not api_key.strip():
        return None
    if not _USABLE_KEY.fullmatch(api_key):
        raise ConfigError(
            "The API key cannot be sent.",
            why="It holds a blank, a line break or a character outside ASCII.",
            advice="Copy the key again, into OLLAMA_API_KEY or [providers.ollama] api_key.",
        )
    return api_key


def without_secret(text: str, secret: str) -> str:
    """``text`` with ``secret`` masked; a very short one is not masked."""
    return text.replace(secret, "***") if len(secret) >= _SHORTEST_SECRET else text
