"""Encodes request bodies and reads response bodies with a size limit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

from vtcode_tui.conversation.messages import JsonValue


class TooLong(Exception):
    """The body is longer than the limit."""


def encoded(body: Mapping[str, JsonValue]) -> bytes:
    """Compact JSON; lone surrogates are replaced."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def read_body(pieces: AsyncIterator[bytes], cap: int, *, cuts: bool = False) -> bytes:
    """The body, at most ``cap`` bytes; a longer one is cut with ``cuts``, else raises TooLong."""
    content = bytearray()
    async for piece in pieces:
        content += piece
        if len(content) > cap:
            if cuts:
                return bytes(content[:cap])
            raise TooLong
    return bytes(content)
