"""The client keeps up with a server that sends as fast as it can."""

from __future__ import annotations

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.ollama.collecting import HELLO, collect
from vtcode_tui.ollama.client import OllamaClient

TOKENS = 20_000


@pytest.mark.anyio
async def test_a_long_reply_comes_in_far_fewer_parts_than_tokens(
    server: FakeOllama, client: OllamaClient
) -> None:
    server.script(reply(tokens=["tok "] * TOKENS))
    got = await collect(client.chat(HELLO))
    assert got.text == "tok " * TOKENS
    assert len(got.parts) < TOKENS / 30
