"""Where the key goes and where it never goes; which hosts are talked to at all."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.ollama.collecting import HELLO, collect
from vtcode_tui.errors import (
    ConfigError,
    NotAuthorised,
    ServerUnreachable,
    StreamBroken,
    UnexpectedReply,
)
from vtcode_tui.ollama.address import ServerAddress, parse_address
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import ChatRequest

KEY = "sk-TOPSECRET-123"
SELF_SIGNED = Path(__file__).parents[2] / "fakes" / "self_signed.pem"


@pytest.mark.anyio
async def test_key_goes_with_every_call(server: FakeOllama) -> None:
    server.api_key = KEY
    async with OllamaClient(parse_address(server.url), KEY) as client:
        await client.version()
        await client.tags()
        await client.ps()
        await client.show("llama3:8b")
        assert [progress async for progress in client.pull("qwen3:0.6b")]
        assert (await collect(client.chat(HELLO))).error is None
        whole = ChatRequest(HELLO.model, HELLO.messages, stream=False)
        assert (await collect(client.chat(whole))).error is None
    assert len(server.requests) == 7
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


@pytest.mark.anyio
@pytest.mark.parametrize("key", [None, "", "  "])
async def test_without_a_key_no_header_is_sent(key: str | None, server: FakeOllama) -> None:
    async with OllamaClient(parse_address(server.url), key) as client:
        await client.version()
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("key", ["a\rb", "secret\n", "sécret", "se cret", "se\x00cret", "\tsecret"])
def test_key_that_no_header_can_hold_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        OllamaClient(parse_address("localhost"), key)
    assert key not in str(caught.value)
    assert "cret" not in str(caught.value)
    assert "OLLAMA_API_KEY" in caught.value.advice


@pytest.mark.anyio
async def test_key_that_a_server_echoes_is_masked_everywhere(server: FakeOllama) -> None:
    words = f"invalid token: Bearer {KEY}"
    async with OllamaClient(parse_address(server.url), KEY) as client:
        server.script(reply(status=401, error=words), reply("x", error=words))
        server.script(reply(status=302, headers={"Location": f"https://x.example/?key={KEY}"}))
        server.script(reply(raw=f"HTTP/1.1 200 OK\r\n\r\n{KEY}\n".encode()))
        server.answers["/api/tags"] = reply(raw=f"HTTP/1.1 200 OK\r\n\r\n{KEY}".encode())
        server.pull_lines[:] = [{"error": words}]
        errors: list[BaseException | None] = []
        for _ in range(4):
            errors.append((await collect(client.chat(HELLO))).error)  # noqa: PERF401
        for call in (client.tags(), anext(client.pull("x:1"))):
            with pytest.raises(Exception, match=r"\*\*\*|pulled|Ollama") as caught:
                await call
            errors.append(caught.value)
    for error in errors:
        assert error is not None
        assert KEY not in str(error) + repr(error) + str(error.args)
        assert "***" in str(error)
    assert KEY not in repr(client)


@pytest.mark.anyio
async def test_key_does_not_follow_a_redirect(server: FakeOllama) -> None:
    with FakeOllama() as other:
        target = f"{other.url}/api/tags"
        server.answers["/api/tags"] = reply(status=308, headers={"Location": target})
        async with OllamaClient(parse_address(server.url), KEY) as client:
            with pytest.raises(UnexpectedReply):
                await client.tags()
        assert other.requests == []


@pytest.mark.parametrize(
    ("text", "key", "warns"),
    [
        ("http://10.0.0.1:11434", KEY, True),
        ("http://10.0.0.1:11434", None, False),
        ("https://10.0.0.1:11434", KEY, False),
        ("http://localhost:11434", KEY, False),
        ("https://ollama.com", KEY, False),
        ("http://ollama.com", KEY, True),
    ],
)
def test_key_over_plain_http_to_another_machine_gives_a_notice(
    text: str, key: str | None, warns: bool
) -> None:
    notices = OllamaClient(parse_address(text), key).notices
    assert bool(notices) is warns
    assert all("unencrypted" in notice and KEY not in notice for notice in notices)


@pytest.mark.anyio
async def test_proxy_of_the_environment_does_not_catch_loopback_traffic(
    server: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeOllama() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with OllamaClient(parse_address(server.url), KEY) as client:
            assert (await collect(client.chat(HELLO))).error is None
            await client.tags()
        assert proxy.requests == []
    assert len(server.requests) == 2


@pytest.mark.anyio
async def test_names_at_the_cloud_have_no_cloud_suffix(server: FakeOllama) -> None:
    cloud = ServerAddress(server.url, is_loopback=True, is_cloud=True)
    server.models[0]["name"] = "glm-4.6"
    async with OllamaClient(cloud, KEY) as client:
        await client.show("glm-4.6:cloud")
        got = await collect(client.chat(ChatRequest("glm-4.6:cloud", HELLO.messages)))
    assert got.error is None
    assert [(r.body or {}).get("model") for r in server.requests] == ["glm-4.6", "glm-4.6"]


@pytest.mark.anyio
async def test_names_at_a_local_server_are_sent_as_they_are(server: FakeOllama) -> None:
    server.models[0]["name"] = "glm-4.6:cloud"
    async with OllamaClient(parse_address(server.url), None) as client:
        got = await collect(client.chat(ChatRequest("glm-4.6:cloud", HELLO.messages)))
    assert got.error is None


@pytest.mark.anyio
async def test_cloud_without_a_key_says_where_to_get_one(server: FakeOllama) -> None:
    server.api_key = KEY
    cloud = ServerAddress(server.url, is_loopback=True, is_cloud=True)
    async with OllamaClient(cloud, None) as client:
        got = await collect(client.chat(HELLO))
    assert isinstance(got.error, NotAuthorised)
    assert "OLLAMA_API_KEY" in got.error.advice


@pytest.mark.anyio
async def test_certificate_that_is_not_trusted_is_refused_before_anything_is_sent() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SELF_SIGNED)
    with FakeOllama() as server:
        server.tls = context
        https = server.url.replace("http:", "https:")
        async with OllamaClient(parse_address(https), KEY) as client:
            with pytest.raises(ServerUnreachable) as caught:
                await client.tags()
    assert "not trusted" in caught.value.what
    assert "SSL_CERT_FILE" in caught.value.advice
    assert server.requests == []


@pytest.mark.anyio
async def test_certificate_of_ones_own_is_trusted_by_ssl_cert_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SELF_SIGNED)
    with FakeOllama() as server:
        server.tls = context
        address = parse_address(server.url.replace("http://127.0.0.1", "https://localhost"))
        async with OllamaClient(address, KEY) as client:
            assert await client.tags()


@pytest.mark.anyio
@pytest.mark.parametrize("answers_late", [True, False])
async def test_a_kept_connection_that_closes_under_a_request_costs_nothing(
    answers_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(SELF_SIGNED))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SELF_SIGNED)
    with FakeOllama() as server:
        server.tls = context
        address = parse_address(server.url.replace("http://127.0.0.1", "https://localhost"))
        async with OllamaClient(address, KEY) as client:
            assert await client.tags()
            closed = reply(raw=b"")
            server.script(closed, reply("There.") if answers_late else closed)
            got = await collect(client.chat(HELLO))
    assert len(server.chats) == 2
    assert server.chats[0].raw_body == server.chats[1].raw_body
    if answers_late:
        assert got.error is None
    else:
        assert isinstance(got.error, StreamBroken)


@pytest.mark.anyio
async def test_https_to_a_server_without_tls_suggests_http(server: FakeOllama) -> None:
    https = server.url.replace("http:", "https:")
    async with OllamaClient(parse_address(https), None) as client:
        with pytest.raises(ServerUnreachable) as caught:
            await client.tags()
    assert f"--base-url {server.url}" in caught.value.advice


@pytest.mark.anyio
async def test_unknown_host_is_named_as_such() -> None:
    async with OllamaClient(parse_address("http://nosuchhost.invalid"), None) as client:
        with pytest.raises(ServerUnreachable) as caught:
            await client.tags()
    assert "not known" in caught.value.why
    assert "nosuchhost.invalid" in caught.value.what
