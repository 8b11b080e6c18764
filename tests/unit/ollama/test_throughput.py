"""The client keeps up with a server that sends as fast as it can."""

from __future__ import annotations

import time

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.ollama.collecting import HELLO, collect
from vtcode_tui.ollama.client import OllamaClient

TOKENS = 20_000
# On a quiet machine it is under 0.3 s; a loaded one counts some of others' work as ours.
CPU_LIMIT_S = 0.6


@pytest.mark.anyio
async def test_a_long_reply_costs_little_time_of_the_processor(
    server: FakeOllama, client: OllamaClient
) -> None:
    scripted = reply(tokens=["tok "] * TOKENS)
    server.script(scripted, scripted, scripted)
    seconds: list[float] = []
    for _ in range(3):
        started = time.thread_time()
        got = await collect(client.chat(HELLO))
        seconds.append(time.thread_time() - started)
        assert got.text == "tok " * TOKENS
        assert len(got.parts) < TOKENS / 100
    assert min(seconds) < CPU_LIMIT_S, seconds
