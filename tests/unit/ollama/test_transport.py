"""The bytes of an answer that came packed, though nobody asked for that."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from vtcode_tui.ollama.transport import pieces_of

pytestmark = pytest.mark.anyio

TEXT = b'{"done":true}\n' * 100_000


async def unpacked(coding: str, *packets: bytes) -> list[bytes]:
    async def body() -> AsyncIterator[bytes]:
        for packet in packets:
            yield packet

    response = httpx.Response(200, headers={"Content-Encoding": coding}, content=body())
    return [piece async for piece in pieces_of(response)]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "deflate"])
async def test_it_comes_in_small_pieces_none_of_them_empty(coding: str) -> None:
    packed = zlib.compress(TEXT) if coding == "deflate" else gzip.compress(TEXT)
    for packets in ([packed], [packed[at : at + 1] for at in range(len(packed))]):
        pieces = await unpacked(coding, *packets)
        assert b"".join(pieces) == TEXT
        assert all(0 < len(piece) <= 64 * 1024 for piece in pieces)


async def test_what_is_packed_in_layers_is_not_unpacked() -> None:
    packed = gzip.compress(gzip.compress(TEXT))
    assert b"".join(await unpacked("gzip, gzip", packed)) == packed


async def test_what_is_announced_and_is_not_so_is_told() -> None:
    with pytest.raises(httpx.DecodingError):
        await unpacked("gzip", TEXT)


async def test_what_follows_the_end_is_left_out() -> None:
    assert b"".join(await unpacked("gzip", gzip.compress(TEXT) + b"more")) == TEXT
