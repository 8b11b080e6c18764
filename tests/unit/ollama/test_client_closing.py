"""The connection of a stream closes at once, whoever stops reading it."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.ollama.collecting import HELLO, collect
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import (
    ContentPart,
    PullProgress,
)

pytestmark = pytest.mark.anyio


AT_ONCE_S = 1.0


async def assert_closed_at_once(server: FakeOllama, started: float) -> None:
    """That the server saw a client go within a second of ``started``."""
    await asyncio.to_thread(server.wait_for_close)
    assert time.monotonic() - started < AT_ONCE_S


class TestClosing:
    async def test_closing_the_generator_closes_the_connection_at_once(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply(tokens=["x "] * 10_000, pace_s=0.01))
        async with aclosing(client.chat(HELLO)) as parts:
            await anext(parts)
            assert isinstance(await anext(parts), ContentPart)
            started = time.monotonic()
        await assert_closed_at_once(server, started)

    async def test_cancelling_while_the_model_loads_closes_the_connection_at_once(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply("never", head_hold=threading.Event()))
        task = asyncio.create_task(collect(client.chat(HELLO)))
        await asyncio.to_thread(server.wait_for_requests, "/api/chat")
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await assert_closed_at_once(server, started)

    async def test_cancelling_while_tokens_flow_closes_the_connection_at_once(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply(tokens=["x "] * 10_000, pace_s=0.01))
        task = asyncio.create_task(collect(client.chat(HELLO)))
        await asyncio.to_thread(server.wait_until, lambda: server.chats[-1:] != [])
        await asyncio.to_thread(server.wait_until, lambda: server.chats[0].lines_sent > 3)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await assert_closed_at_once(server, started)

    async def test_cancelling_the_wait_for_one_part_leaves_no_task_behind(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply("a", hold=threading.Event()))
        tasks_before = asyncio.all_tasks()
        parts = client.chat(HELLO)
        await anext(parts)
        await anext(parts)
        waiting = asyncio.ensure_future(anext(parts))
        await asyncio.sleep(0)
        started = time.monotonic()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await assert_closed_at_once(server, started)
        assert asyncio.all_tasks() == tasks_before

    async def test_cancelling_a_pull_closes_the_connection_at_once(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.pull_pace_s = 10
        async with aclosing(client.pull("qwen3:0.6b")) as pull:
            assert await anext(pull) == PullProgress("pulling manifest")
            started = time.monotonic()
        await assert_closed_at_once(server, started)

    async def test_another_call_is_answered_while_a_model_loads(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        loaded = threading.Event()
        server.script(reply("late", head_hold=loaded))
        task = asyncio.create_task(collect(client.chat(HELLO)))
        await asyncio.to_thread(server.wait_for_requests, "/api/chat")
        assert [model.name for model in await client.ps()] == [HELLO.model]
        loaded.set()
        assert (await task).text == "late"

    async def test_slow_consumer_gets_everything(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply(tokens=[f"{number} " for number in range(20_000)]))
        text = ""
        async with aclosing(client.chat(HELLO)) as parts:
            async for part in parts:
                for _ in range(20):
                    await asyncio.sleep(0)
                text += part.text if isinstance(part, ContentPart) else ""
        assert text.split() == [str(number) for number in range(20_000)]
