from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from tests.fakes.ollama_server import FakeOllama, Wire, installed_model, reply
from tests.fakes.wire import LAST_CHUNK, chunk
from tests.unit.ollama.collecting import HELLO, collect
from vtcode_tui.conversation.messages import UserMessage
from vtcode_tui.errors import (
    ModelLacksFeature,
    ModelNotFound,
    NotAuthorised,
    ServerBusy,
    ServerError,
    ServerUnreachable,
    StreamBroken,
    UnexpectedReply,
)
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient, Timeouts
from vtcode_tui.ollama.types import (
    ChatRequest,
    ContentPart,
    DonePart,
    HeadReceived,
    PullProgress,
    ThinkingPart,
    ToolSpec,
)

pytestmark = pytest.mark.anyio

AT_ONCE_S = 1.0
STREAM_HEAD = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}
READ_FILE = ToolSpec("read_file", "Read a file", {"type": "object", "properties": {}})


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


class TestFaults:
    async def test_nothing_listening_names_the_address_and_the_commands(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.stop()
        with pytest.raises(ServerUnreachable) as caught:
            await client.version()
        text = str(caught.value)
        assert "refused" in text
        assert server.url in text
        assert "ollama serve" in text
        assert "--base-url" in text
        assert caught.value.may_retry

    async def test_server_that_comes_later_is_found(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.stop()
        with pytest.raises(ServerUnreachable):
            await client.tags()
        server.start()
        assert len(await client.tags()) == 4

    async def test_tokens_before_a_reset_are_given_before_the_error(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        def serve(wire: Wire) -> None:
            wire.send_head(200, STREAM_HEAD)
            wire.send(chunk(b'{"message":{"content":"Hello"}}\n'))
            wire.pause(0.1)
            wire.reset()

        server.script(reply(serve=serve))
        got = await collect(client.chat(HELLO))
        assert got.text == "Hello"
        assert isinstance(got.error, StreamBroken)
        assert "interrupted" in got.error.what

    async def test_cut_reply_keeps_what_came(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply("one two three four", cut_after=2))
        got = await collect(client.chat(HELLO))
        assert got.text == "one two "
        assert isinstance(got.error, StreamBroken)

    async def test_reply_that_ends_without_done_is_explained(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply("again and again", omit_done=True))
        got = await collect(client.chat(HELLO))
        assert got.text == "again and again"
        assert isinstance(got.error, StreamBroken)
        assert "repeats itself" in got.error.why

    async def test_connection_closed_before_any_answer(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply(raw=b""))
        got = await collect(client.chat(HELLO))
        assert isinstance(got.error, StreamBroken)
        assert "before it answered" in got.error.what
        assert "Error" not in str(got.error)
        assert "--base-url https:" in got.error.advice
        assert got.parts == []

    async def test_error_in_the_stream_comes_after_the_text(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply("Some text", error="model runner has unexpectedly stopped"))
        got = await collect(client.chat(HELLO))
        assert got.text == "Some text"
        assert isinstance(got.error, StreamBroken)
        assert "unexpectedly stopped" in got.error.why

    @pytest.mark.parametrize(
        "raw",
        [
            b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>",
            b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>",
            b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{'not': 'json'}",
            b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"some": 1} ',
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n{} ",
        ],
    )
    async def test_what_is_no_ollama_server_is_named_as_such(
        self, raw: bytes, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply(raw=raw))
        got = await collect(client.chat(HELLO))
        assert isinstance(got.error, UnexpectedReply), repr(got.error)
        assert "--base-url" in got.error.advice
        for path, ask in (
            ("/api/version", client.version),
            ("/api/tags", client.tags),
            ("/api/ps", client.ps),
        ):
            server.answers[path] = reply(raw=raw)
            with pytest.raises(UnexpectedReply):
                await ask()

    @pytest.mark.parametrize(
        "target",
        ["javascript:x", "//", "", "http://[", "https://user:word@host/", "a\tb", "/api/chat"],
    )
    async def test_redirect_to_what_is_no_address_is_one_like_any_other(
        self, target: str, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.script(reply(status=307, headers={"Location": target}))
        got = await collect(client.chat(HELLO))
        assert isinstance(got.error, UnexpectedReply)
        assert "redirects to" in got.error.what
        assert len(server.chats) == 1

    async def test_redirect_is_not_followed_and_its_target_named(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        with FakeOllama() as other:
            target = f"{other.url}/api/chat"
            server.script(reply(status=307, headers={"Location": target}))
            got = await collect(client.chat(HELLO))
            assert isinstance(got.error, UnexpectedReply)
            assert target in got.error.what
            assert other.requests == []

    async def test_gateway_page_is_worth_a_retry(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        page = b"<html>504 Gateway Time-out</html>"
        head = b"HTTP/1.1 504 X\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(
            page
        )
        server.script(reply(raw=head + page))
        got = await collect(client.chat(HELLO))
        assert isinstance(got.error, ServerBusy)
        assert got.error.may_retry
        assert "504" in str(got.error)


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


class TestModels:
    async def test_list_skips_what_is_malformed_and_keeps_the_rest(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        odd: list[object] = [
            {"name": "bare"},
            {"model": "only-model"},
            {"name": 5},
            {},
            "text",
            None,
            {"name": "bare"},
            {
                "name": "odd",
                "size": "big",
                "digest": 1,
                "details": ["x"],
                "capabilities": ["tools", 5],
                "remote_host": None,
            },
        ]
        server.models[:] = odd  # type: ignore[assignment]
        bare, only_model, odd_one = await client.tags()
        assert (bare.name, bare.size_bytes, bare.capabilities) == ("bare", None, None)
        assert only_model.name == "only-model"
        assert (odd_one.size_bytes, odd_one.digest, odd_one.family) == (None, "", "")
        assert odd_one.capabilities == frozenset({"tools"})

    async def test_server_without_models_gives_none(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.models.clear()
        assert await client.tags() == ()
        server.answers["/api/tags"] = reply(status=200, raw=_json(b'{"models":null}'))
        assert await client.tags() == ()

    async def test_cloud_model_of_a_local_server_has_its_host(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        host = "https://ollama.com:443"
        server.models[:] = [installed_model("glm-4.6:cloud", "tools", remote_host=host)]
        (model,) = await client.tags()
        assert model.remote_host == host

    async def test_unknown_model_gets_the_nearest_installed_one(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        await client.tags()
        got = await collect(client.chat(ChatRequest("qwen3-1.7b", (UserMessage("x"),))))
        assert isinstance(got.error, ModelNotFound)
        assert "Did you mean qwen3:1.7b?" in got.error.advice
        assert "ollama pull qwen3-1.7b" in got.error.advice
        with pytest.raises(ModelNotFound):
            await client.show("nope")

    async def test_name_that_ollama_spells_otherwise_is_sent_first_and_corrected_on_404(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        got = await collect(client.chat(ChatRequest("gpt-oss-20b", (UserMessage("x"),))))
        assert isinstance(got.error, ModelNotFound)
        assert "ollama pull gpt-oss:20b" in got.error.advice
        assert server.chats[0].body is not None
        assert server.chats[0].body["model"] == "gpt-oss-20b"

    @pytest.mark.parametrize(
        ("request_", "feature"),
        [
            (ChatRequest("llama3:8b", HELLO.messages, (READ_FILE,)), "tools"),
            (ChatRequest("llama3:8b", HELLO.messages, think=True), "thinking"),
        ],
    )
    async def test_feature_that_a_model_lacks_is_named(
        self, request_: ChatRequest, feature: str, client: OllamaClient
    ) -> None:
        got = await collect(client.chat(request_))
        assert isinstance(got.error, ModelLacksFeature)
        assert got.error.feature == feature
        assert "llama3:8b" in got.error.what

    async def test_think_false_is_taken_by_every_model(self, client: OllamaClient) -> None:
        got = await collect(client.chat(ChatRequest("llama3:8b", HELLO.messages, think=False)))
        assert got.error is None

    async def test_no_messages_load_and_unload_the_model(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        loaded = await collect(client.chat(ChatRequest("llama3:8b", ())))
        assert loaded.done is not None
        assert loaded.done.reason == "load"
        assert [model.name for model in await client.ps()] == ["llama3:8b"]
        unloaded = await collect(client.chat(ChatRequest("llama3:8b", (), keep_alive=0)))
        assert unloaded.done is not None
        assert unloaded.done.reason == "unload"
        assert await client.ps() == ()

    async def test_pull_gives_each_state_once_and_the_model_is_there(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.pull_lines[1:1] = [{"status": "pulling manifest"}] * 50
        states = [progress async for progress in client.pull("qwen3:0.6b")]
        assert states[0] == PullProgress("pulling manifest")
        assert states[-1] == PullProgress("success")
        assert [state.completed for state in states if state.digest] == [
            0,
            250_000,
            500_000,
            750_000,
            1_000_000,
        ]
        assert len(states) == len(set(states))
        assert "qwen3:0.6b" in [model.name for model in await client.tags()]

    async def test_pull_may_be_silent_while_the_server_checks_what_came(
        self, server: FakeOllama
    ) -> None:
        server.pull_lines = [{"status": "verifying sha256 digest"}, {"status": "success"}]
        server.pull_pace_s = 0.5
        limits = Timeouts(first_byte_s=0.1, idle_s=0.1, answer_s=1.0)
        async with OllamaClient(parse_address(server.url), None, timeouts=limits) as client:
            states = [progress.status async for progress in client.pull("qwen3:0.6b")]
        assert states == ["verifying sha256 digest", "success"]

    async def test_pull_without_success_is_broken(
        self, server: FakeOllama, client: OllamaClient
    ) -> None:
        server.pull_lines.pop()
        with pytest.raises(StreamBroken):
            async for _ in client.pull("qwen3:0.6b"):
                pass


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


async def test_unauthorised_sign_in_link_is_shown_only_for_ollamas_own_host(
    server: FakeOllama, client: OllamaClient
) -> None:
    for link, is_shown in (
        ("https://ollama.com/connect?name=x&key=y", True),
        ("https://ollama.com.evil.example/connect", False),
        ("javascript:alert(1)\x1b]8;;http://evil/\x07", False),
    ):
        server.script(reply(status=401, error="unauthorized", error_fields={"signin_url": link}))
        got = await collect(client.chat(HELLO))
        assert isinstance(got.error, NotAuthorised)
        assert (link in str(got.error)) is is_shown
        assert "ollama signin" in got.error.advice


async def test_errors_of_all_kinds_are_server_errors(
    server: FakeOllama, client: OllamaClient
) -> None:
    for status in (400, 404, 418, 429, 499, 500, 501, 502, 503, 599):
        server.script(reply(status=status, error="x"))
        got = await collect(client.chat(HELLO))
        assert isinstance(got.error, ServerError), status
        assert got.error.status == status
        assert got.error.what
        assert got.error.advice


def _json(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_a_name_that_is_not_there_gets_what_the_server_has(
    server: FakeOllama, client: OllamaClient
) -> None:
    got = await collect(client.chat(ChatRequest("qwen3-1.7b", (UserMessage("x"),))))
    assert isinstance(got.error, ModelNotFound)
    assert (got.error.suggestion, got.error.is_there) == ("qwen3:1.7b", True)
    server.answers["/api/tags"] = reply(status=500, error="x")
    with pytest.raises(ModelNotFound):
        async with OllamaClient(parse_address(server.url), None) as other:
            await other.show("nope")
