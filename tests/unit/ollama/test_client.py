"""The client against a server: replies, their parts and their order."""

from __future__ import annotations

import threading
from contextlib import aclosing

import pytest

from tests.fakes.ollama_server import FakeOllama, Wire, reply
from tests.fakes.wire import LAST_CHUNK, chunk
from tests.unit.ollama.collecting import HELLO, STREAM_HEAD, collect
from vtcode_tui.errors import (
    StreamBroken,
)
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import (
    ChatRequest,
    ContentPart,
    DonePart,
    HeadReceived,
    ThinkingPart,
)

pytestmark = pytest.mark.anyio


async def test_reply_comes_in_order_with_its_counters(
    server: FakeOllama, client: OllamaClient
) -> None:
    server.script(
        reply("The answer.", thinking="Let me see.", calls=[("read_file", {"path": "a"})])
    )
    got = await collect(client.chat(HELLO))
    assert got.error is None
    assert got.kinds == ["HeadReceived", "ThinkingPart", "ContentPart", "CallsPart", "DonePart"]
    assert (got.thinking, got.text) == ("Let me see.", "The answer.")
    assert [(c.name, c.arguments) for c in got.calls] == [("read_file", {"path": "a"})]
    assert isinstance(got.done, DonePart)
    assert got.done.usage.prompt_tokens == 120


async def test_what_is_told_of_broken_framing_is_short(
    server: FakeOllama, client: OllamaClient
) -> None:
    def serve(wire: Wire) -> None:
        wire.send_head(200, STREAM_HEAD)
        wire.send(b"0" * 20_000 + b"\r\n")

    server.script(reply(serve=serve))
    got = await collect(client.chat(HELLO))
    assert isinstance(got.error, StreamBroken)
    assert "illegal chunk header" in got.error.why
    assert len(got.error.why) <= 300


async def test_reply_in_one_piece_gives_the_same_parts(
    server: FakeOllama, client: OllamaClient
) -> None:
    scripted = reply("The answer.", thinking="Hm.", calls=[("read_file", {"path": "a"})])
    server.script(scripted, scripted)
    streamed = await collect(client.chat(HELLO))
    whole = await collect(client.chat(ChatRequest(HELLO.model, HELLO.messages, stream=False)))
    assert whole.same_as(streamed)


async def test_lines_of_one_network_read_become_one_part(
    server: FakeOllama, client: OllamaClient
) -> None:
    server.script(reply(tokens=["token "] * 2000))
    got = await collect(client.chat(HELLO))
    assert got.text == "token " * 2000
    assert len(got.parts) < 100


async def test_each_token_of_a_slow_reply_comes_at_once(
    server: FakeOllama, client: OllamaClient
) -> None:
    released = threading.Event()
    server.script(reply("first", hold=released))
    async with aclosing(client.chat(HELLO)) as parts:
        assert await anext(parts) == HeadReceived()
        assert await anext(parts) == ContentPart("first")
        released.set()
        assert isinstance(await anext(parts), DonePart)


async def test_thinking_again_after_a_tool_result_is_told_apart(
    server: FakeOllama, client: OllamaClient
) -> None:
    lines = [("thinking", "a"), ("content", "b"), ("thinking", "c"), ("content", "d")]
    body = b"".join(
        chunk(b'{"message":{"%b":"%b"}}\n' % (kind.encode(), text.encode())) for kind, text in lines
    )
    body += chunk(b'{"done":true}\n') + LAST_CHUNK
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.script(reply(raw=head + body))
    got = await collect(client.chat(HELLO))
    assert got.parts[1:5] == [
        ThinkingPart("a"),
        ContentPart("b"),
        ThinkingPart("c"),
        ContentPart("d"),
    ]
