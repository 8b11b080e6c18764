"""How long the client waits for what, and what counts as progress."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from tests.fakes.ollama_server import FakeOllama, Wire, reply
from tests.fakes.wire import LAST_CHUNK, chunk
from tests.unit.ollama.collecting import HELLO, STREAM_HEAD, collect
from vtcode_tui.errors import (
    ServerUnreachable,
    StreamBroken,
)
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import (
    ContentPart,
    DonePart,
    ToolSpec,
)

pytestmark = pytest.mark.anyio


class TestTimeouts:
    async def test_no_head_in_time_is_a_time_out(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        server.answers["/api/version"] = reply(head_hold=threading.Event())
        server.script(reply("never", head_hold=threading.Event()))
        got = await collect(hasty_client.chat(HELLO))
        assert isinstance(got.error, ServerUnreachable)
        assert "no response" in got.error.what
        await asyncio.to_thread(server.wait_for_close, 5.0)

    async def test_a_model_may_load_for_as_long_as_its_server_lives(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        loaded = threading.Event()
        server.script(reply("late", head_hold=loaded))
        task = asyncio.create_task(collect(hasty_client.chat(HELLO)))
        await asyncio.to_thread(server.wait_for_requests, "/api/version", 3)
        loaded.set()
        assert (await task).text == "late"

    async def test_the_silence_in_which_a_call_is_collected_is_no_time_out(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        def serve(wire: Wire) -> None:
            wire.send_head(200, STREAM_HEAD)
            wire.send(chunk(b'{"message":{"content":"I write it."}}\n'))
            wire.pause(3 * hasty_client.timeouts.idle_s)
            wire.send(chunk(b'{"message":{"content":""},"done":true}\n') + LAST_CHUNK)

        server.script(reply(serve=serve))
        tool = ToolSpec("write_file", "Write.", {"type": "object"})
        got = await collect(hasty_client.chat(replace(HELLO, tools=(tool,))))
        assert (got.error, got.text) == (None, "I write it.")

    async def test_silence_after_some_tokens_is_a_time_out_that_keeps_them(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        server.script(reply("Hello", hold=threading.Event()))
        got = await collect(hasty_client.chat(HELLO))
        assert got.text == "Hello"
        assert isinstance(got.error, StreamBroken)
        assert "no progress" in got.error.why
        await asyncio.to_thread(server.wait_for_close, 1.0)

    @pytest.mark.parametrize("dribble", [b"\n", b" \n\n", b"{", b"x"])
    async def test_dribbled_bytes_do_not_count_as_progress(
        self, dribble: bytes, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        def serve(wire: Wire) -> None:
            wire.send_head(200, STREAM_HEAD)
            wire.send(chunk(b'{"message":{"content":"Hello"}}\n'))
            while True:
                wire.send(chunk(dribble))
                wire.pause(0.02)

        server.script(reply(serve=serve))
        got = await collect(hasty_client.chat(HELLO))
        assert got.text == "Hello"
        assert isinstance(got.error, StreamBroken)
        assert "no progress" in got.error.why

    async def test_long_line_that_comes_on_is_progress(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        def serve(wire: Wire) -> None:
            wire.send_head(200, STREAM_HEAD)
            wire.send(chunk(b'{"message":{"content":"'))
            for _ in range(12):
                wire.send(chunk(b"x" * 2000))
                wire.pause(0.1)
            wire.send(chunk(b'"},"done":true}\n') + LAST_CHUNK)

        server.script(reply(serve=serve))
        got = await collect(hasty_client.chat(HELLO))
        assert (got.error, len(got.text)) == (None, 24_000)

    async def test_time_that_the_consumer_takes_is_not_the_servers(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        released = threading.Event()
        server.script(reply("Hello", hold=released))
        async with aclosing(hasty_client.chat(HELLO)) as parts:
            await anext(parts)
            assert await anext(parts) == ContentPart("Hello")
            released.set()
            await asyncio.to_thread(server.wait_until, lambda: server.chats[0].finished)
            await asyncio.to_thread(time.sleep, hasty_client.timeouts.idle_s)
            assert isinstance(await anext(parts), DonePart)

    async def test_short_call_that_is_not_answered_is_a_time_out(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        server.answers["/api/tags"] = reply(raw=b"", head_hold=threading.Event())
        with pytest.raises(ServerUnreachable):
            await hasty_client.tags()

    async def test_error_whose_body_never_comes_is_a_time_out(
        self, server: FakeOllama, hasty_client: OllamaClient
    ) -> None:
        def serve(wire: Wire) -> None:
            wire.send(b"HTTP/1.1 500 X\r\nContent-Length: 100\r\n\r\n")
            wire.wait_until_client_closes()

        server.script(reply(serve=serve))
        got = await collect(hasty_client.chat(HELLO))
        assert isinstance(got.error, ServerUnreachable)
