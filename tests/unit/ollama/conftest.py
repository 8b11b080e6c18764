"""Clients for the scripted server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.ollama_server import FakeOllama
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient, Timeouts


@pytest.fixture
async def client(server: FakeOllama) -> AsyncIterator[OllamaClient]:
    async with OllamaClient(parse_address(server.url), None) as real:
        yield real


@pytest.fixture
async def hasty_client(server: FakeOllama) -> AsyncIterator[OllamaClient]:
    """One that waits a fraction of a second where the real one waits minutes."""
    hasty = Timeouts(first_byte_s=0.4, idle_s=0.4, answer_s=0.4)
    async with OllamaClient(parse_address(server.url), None, timeouts=hasty) as real:
        yield real
