"""Bodies of requests and answers as bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

from vtcode_tui.conversation.messages import JsonValue


class TooLong(Exception):
    """An answer is longer than any can be."""


def encoded(body: Mapping[str, JsonValue]) -> bytes:
    """Compact JSON; what no UTF-8 can hold is replaced."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def read_body(pieces: AsyncIterator[bytes], cap: int, *, cuts: bool = False) -> bytes:
    """The body up to ``cap`` bytes; a longer one is cut, or raises TooLong."""
    content = bytearray()
    async for piece in pieces:
        content += piece
        if len(content) > cap:
            if cuts:
                return bytes(content[:cap])
            raise TooLong
    return bytes(content)
