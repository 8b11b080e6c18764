"""What the client says of a server that fails, and what came before it did."""

from __future__ import annotations

import pytest

from tests.fakes.ollama_server import FakeOllama, Wire, reply
from tests.fakes.wire import chunk
from tests.unit.ollama.collecting import HELLO, STREAM_HEAD, collect
from vtcode_tui.errors import (
    NotAuthorised,
    ServerBusy,
    ServerError,
    ServerUnreachable,
    StreamBroken,
    UnexpectedReply,
)
from vtcode_tui.ollama.client import OllamaClient

pytestmark = pytest.mark.anyio


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
