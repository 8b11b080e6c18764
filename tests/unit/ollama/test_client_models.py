"""The models of a server: listed, shown, corrected and pulled."""

from __future__ import annotations

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model, reply
from tests.unit.ollama.collecting import HELLO, collect
from vtcode_tui.conversation.messages import UserMessage
from vtcode_tui.errors import (
    ModelLacksFeature,
    ModelNotFound,
    StreamBroken,
)
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient, Timeouts
from vtcode_tui.ollama.types import (
    ChatRequest,
    PullProgress,
    ToolSpec,
)

pytestmark = pytest.mark.anyio


READ_FILE = ToolSpec("read_file", "Read a file", {"type": "object", "properties": {}})


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
