"""The built-in model itself: real processes, the real model. Its words are never asserted."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vtcode_tui.conversation.events import Usage
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.embedded.launcher import EMBEDDED_MODEL, EmbeddedServer
from vtcode_tui.embedded.model_card import FILE_BYTES, FILE_SHA256
from vtcode_tui.errors import ContextOverflow
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import (
    CallsPart,
    ChatRequest,
    ContentPart,
    DonePart,
    ThinkingPart,
    ToolSpec,
)
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace.root import Workspace

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cache for all tests here; its 253 MB are given back at the end."""
    directory = tmp_path_factory.mktemp("cache")
    yield directory
    for path in (directory / "models").glob("*"):
        path.unlink()


@asynccontextmanager
async def embedded_client(cache_dir: Path) -> AsyncIterator[OllamaClient]:
    server = EmbeddedServer()
    url = await server.start(cache_dir, lambda _: None)
    try:
        async with OllamaClient(parse_address(url), None) as client:
            yield client
    finally:
        await server.stop()


@dataclass
class Heard:
    """All that one reply brought."""

    thinking: str = ""
    content: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    reason: str = ""
    usage: Usage = field(default_factory=Usage)

    def message(self) -> AssistantMessage:
        return AssistantMessage(self.content, self.thinking, tuple(self.calls))


async def ask(
    client: OllamaClient,
    *messages: Message,
    tools: Sequence[ToolSpec] = (),
    think: bool = True,
    stream: bool = True,
) -> Heard:
    heard = Heard()
    request = ChatRequest(EMBEDDED_MODEL, messages, tuple(tools), think, stream=stream)
    async with aclosing(client.chat(request)) as parts:
        async for part in parts:
            match part:
                case ThinkingPart(text):
                    heard.thinking += text
                case ContentPart(text):
                    heard.content += text
                case CallsPart():
                    heard.calls += part.calls
                case DonePart(reason, usage):
                    heard.reason, heard.usage = reason, usage
    return heard


@pytest.fixture
def tools(tmp_path: Path) -> list[ToolSpec]:
    """The app's own tools, as they are offered to a model."""
    toolbox = default_toolbox(Workspace(tmp_path), environment={}, command_timeout_s=1)
    return [ToolSpec(tool.name, tool.description, tool.parameters) for tool in toolbox]


@pytest.mark.anyio
async def test_the_first_start_tells_its_progress_and_makes_the_file(cache_dir: Path) -> None:
    said: list[str] = []
    server = EmbeddedServer()
    await server.start(cache_dir, said.append)
    await server.stop()
    assert said
    (model,) = (cache_dir / "models").iterdir()
    assert model.stat().st_size == FILE_BYTES
    with model.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == FILE_SHA256


@pytest.mark.anyio
async def test_it_is_listed_loaded_and_described(cache_dir: Path) -> None:
    async with embedded_client(cache_dir) as client:
        assert await client.version()
        (installed,) = await client.tags()
        (running,) = await client.ps()
        details = await client.show(EMBEDDED_MODEL)
    assert installed.name == running.name == EMBEDDED_MODEL
    assert installed.capabilities == details.capabilities
    assert installed.capabilities == frozenset(("completion", "tools", "thinking"))
    assert details.context_length == running.context_length


@pytest.mark.anyio
async def test_it_thinks_and_answers_and_counts(cache_dir: Path) -> None:
    async with embedded_client(cache_dir) as client:
        heard = await ask(client, SystemMessage("Be brief."), UserMessage("What colour is grass?"))
    assert heard.thinking.strip()
    assert heard.content.strip()
    assert heard.calls == []
    assert heard.reason in ("stop", "length")
    assert heard.usage.prompt_tokens
    assert heard.usage.tokens_per_second


@pytest.mark.anyio
@pytest.mark.parametrize("stream", [True, False])
async def test_it_does_not_think_when_told_so(cache_dir: Path, stream: bool) -> None:
    async with embedded_client(cache_dir) as client:
        heard = await ask(client, UserMessage("Hello"), think=False, stream=stream)
    assert heard.thinking == ""
    assert heard.content.strip()


@pytest.mark.anyio
@pytest.mark.parametrize("think", [True, False])
async def test_it_calls_an_offered_tool_and_ends_after_the_result(
    cache_dir: Path, tools: list[ToolSpec], think: bool
) -> None:
    prompt = UserMessage("Read README.md")
    async with embedded_client(cache_dir) as client:
        asked = await ask(client, prompt, tools=tools, think=think)
        assert len(asked.calls) == 1
        assert asked.calls[0].name in {tool.name for tool in tools}
        assert isinstance(asked.calls[0].arguments.get("path"), str)
        assert bool(asked.thinking) is think
        call = asked.calls[0]
        result = ToolResultMessage(call.call_id, call.name, "# Title\n\nWords.")
        answered = await ask(client, prompt, asked.message(), result, tools=tools, think=think)
    assert answered.calls == []
    assert answered.content.strip()
    assert answered.reason in ("stop", "length")


@pytest.mark.anyio
async def test_an_empty_result_and_a_long_one_are_taken(
    cache_dir: Path, tools: list[ToolSpec]
) -> None:
    call = ToolCall("call_1", "read_file", {"path": "a"})
    async with embedded_client(cache_dir) as client:
        for content in ("", "line of text\n" * 50_000):
            messages = (
                UserMessage("Read a"),
                AssistantMessage(tool_calls=(call,)),
                ToolResultMessage("call_1", "read_file", content),
            )
            assert (await ask(client, *messages, tools=tools)).reason in ("stop", "length")


@pytest.mark.anyio
async def test_a_prompt_over_the_window_is_refused(cache_dir: Path) -> None:
    async with embedded_client(cache_dir) as client:
        with pytest.raises(ContextOverflow):
            await ask(client, UserMessage("word " * 20_000))
        assert (await ask(client, UserMessage("Hello"), think=False)).content


ENDLESS = {"num_predict": 2_000, "temperature": 3.0, "repeat_penalty": 1.5}


@pytest.mark.anyio
async def test_a_stream_closed_while_it_writes_frees_the_model(cache_dir: Path) -> None:
    request = ChatRequest(EMBEDDED_MODEL, (UserMessage("Hello"),), think=False, options=ENDLESS)
    async with embedded_client(cache_dir) as client:
        async with aclosing(client.chat(request)) as parts:
            async for part in parts:
                if isinstance(part, ContentPart):
                    break
        await answers_soon(client)


@pytest.mark.anyio
async def test_a_stream_closed_while_it_reads_frees_the_model(cache_dir: Path) -> None:
    long = ChatRequest(EMBEDDED_MODEL, (UserMessage("word " * 7_500),), think=False)

    async def first_part(client: OllamaClient) -> None:
        async with aclosing(client.chat(long)) as parts:
            await anext(parts)

    async with embedded_client(cache_dir) as client:
        reading = asyncio.create_task(first_part(client))
        done, _ = await asyncio.wait({reading}, timeout=0.5)
        assert not done, "the prompt was read before it could be cancelled"
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await answers_soon(client)


async def answers_soon(client: OllamaClient) -> None:
    """Going on with what was cancelled would take half a minute; a batch takes a second or two."""
    started = time.monotonic()
    await ask(client, UserMessage("Hello"), think=False)
    assert time.monotonic() - started < 15


@pytest.mark.anyio
async def test_two_requests_at_once_are_both_answered(cache_dir: Path) -> None:
    async with embedded_client(cache_dir) as client:
        both = await asyncio.gather(
            ask(client, UserMessage("Hello"), think=False),
            ask(client, UserMessage("What is the capital of France?"), think=False),
        )
    assert all(heard.content.strip() for heard in both)


@pytest.mark.anyio
async def test_cancelling_a_start_leaves_no_process(cache_dir: Path) -> None:
    server = EmbeddedServer()
    loading = asyncio.Event()
    start = asyncio.create_task(server.start(cache_dir, lambda _: loading.set()))
    await loading.wait()
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not server.is_running


@pytest.mark.anyio
async def test_the_event_loop_is_never_held_up_by_a_start(cache_dir: Path) -> None:
    longest_s = 0.0

    async def watch() -> None:
        nonlocal longest_s
        while True:
            before = time.monotonic()
            await asyncio.sleep(0)
            longest_s = max(longest_s, time.monotonic() - before)
            await asyncio.sleep(0.002)

    watching = asyncio.create_task(watch())
    server = EmbeddedServer()
    await server.start(cache_dir, lambda _: None)
    await server.stop()
    watching.cancel()
    assert longest_s < 0.25, f"the loop stood still for {longest_s * 1_000:.0f} ms"


@pytest.mark.parametrize("way", ["signal", "input"])
def test_the_server_ends_within_a_second_and_says_nothing_else(cache_dir: Path, way: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "vtcode_tui.embedded", "--cache-dir", str(cache_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        lines = [json.loads(line) for line in iter_until_url(process)]
        assert all(set(line) in ({"status"}, {"url"}) for line in lines)
        started = time.monotonic()
        if way == "signal":
            os.kill(process.pid, signal.SIGTERM)
        elif process.stdin is not None:
            process.stdin.close()
            process.stdin = None
        process.wait(10)
        assert time.monotonic() - started < 1
        out, err = process.communicate()
        assert (out, err) == (b"", b"")
    finally:
        process.kill()
        process.wait()


def iter_until_url(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if b'"url"' in line:
            return
