"""The Ollama API of the built-in model's server, over real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.unit.embedded.backends import (
    EndlessBackend,
    ScriptedBackend,
    delta,
    end,
    recorded,
)
from tests.unit.embedded.conftest import Serve
from vtcode_tui.conversation.messages import UserMessage
from vtcode_tui.embedded.http_server import EmbeddedHttpServer
from vtcode_tui.embedded.model_card import FILE_BYTES, MODEL_NAME
from vtcode_tui.errors import ContextOverflow, ModelNotFound
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import (
    CallsPart,
    ChatPart,
    ChatRequest,
    DonePart,
    HeadReceived,
    ThinkingPart,
    ToolSpec,
)

CAPTURES = Path(__file__).parents[2] / "captures"
HELLO: dict[str, Any] = {
    "model": MODEL_NAME,
    "messages": [{"role": "user", "content": "Hello"}],
}
READ_FILE = ToolSpec("read_file", "Read a file.", {"type": "object", "properties": {}})


class Answer:
    """A whole HTTP answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    server: EmbeddedHttpServer,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, path, sent, dict(headers or {}))
        return Answer(connection.getresponse())
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


async def parts_of(client: OllamaClient, request: ChatRequest) -> list[ChatPart]:
    async with aclosing(client.chat(request)) as parts:
        return [part async for part in parts]


def hello(**fields: Any) -> ChatRequest:
    return ChatRequest(MODEL_NAME, (UserMessage("Hello"),), **fields)


def client_of(server: EmbeddedHttpServer) -> OllamaClient:
    return OllamaClient(parse_address(server.url), None)


@pytest.mark.anyio
async def test_the_client_reads_version_tags_ps_and_show(serve: Serve) -> None:
    async with client_of(serve(ScriptedBackend())) as client:
        assert await client.version()
        (installed,) = await client.tags()
        (running,) = await client.ps()
        details = await client.show(MODEL_NAME)
    assert installed.name == running.name == MODEL_NAME
    assert installed.size_bytes == FILE_BYTES
    assert installed.context_length == running.context_length == details.context_length
    assert installed.capabilities == details.capabilities
    assert installed.capabilities == frozenset(("completion", "tools", "thinking"))
    assert details.architecture == "gemma3"
    assert f"num_ctx {details.context_length}" in " ".join(details.parameters.split())


@pytest.mark.anyio
async def test_the_client_streams_thinking_a_call_and_the_counters(serve: Serve) -> None:
    backend = ScriptedBackend(recorded("thinking_and_call"))
    async with client_of(serve(backend)) as client:
        parts = await parts_of(client, hello(tools=(READ_FILE,), think=True))
    assert isinstance(parts[0], HeadReceived)
    thinking = "".join(part.text for part in parts if isinstance(part, ThinkingPart))
    assert thinking.startswith("The user")
    (calls,) = [part.calls for part in parts if isinstance(part, CallsPart)]
    assert [(call.name, call.arguments) for call in calls] == [("read_file", {"path": "README.md"})]
    done = parts[-1]
    assert isinstance(done, DonePart)
    assert done.reason == "stop"
    assert done.usage.prompt_tokens
    assert done.usage.tokens_per_second


@pytest.mark.anyio
async def test_the_client_sees_a_prompt_over_the_window_as_such(serve: Serve) -> None:
    async with client_of(serve(ScriptedBackend(recorded("prompt_too_long")))) as client:
        with pytest.raises(ContextOverflow):
            await parts_of(client, hello())


@pytest.mark.anyio
async def test_the_client_sees_an_unknown_model_as_such(serve: Serve) -> None:
    async with client_of(serve(ScriptedBackend())) as client:
        with pytest.raises(ModelNotFound):
            await parts_of(client, ChatRequest("mistral:7b", (UserMessage("Hello"),)))


def test_a_fault_within_a_stream_is_its_last_line(serve: Serve) -> None:
    fault = b'{"error": {"code": 500, "message": "the model failed"}}'
    server = serve(ScriptedBackend([delta(content="Hi"), fault]))
    answer = ask(server, "POST", "/api/chat", HELLO)
    assert answer.status == 200
    first, last = map(json.loads, answer.body.splitlines())
    assert first["message"]["content"] == "Hi"
    assert last == {"error": "the model failed"}


def test_a_stream_is_chunked_json_lines(serve: Serve) -> None:
    server = serve(ScriptedBackend([delta(content="Grüße"), end()]))
    answer = ask(server, "POST", "/api/chat", HELLO)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.body.endswith(b"\n")
    first, last = map(json.loads, answer.body.splitlines())
    assert first["message"] == {"role": "assistant", "content": "Grüße"}
    assert last["done"] is True


def test_without_streaming_the_answer_is_one_object(serve: Serve) -> None:
    server = serve(ScriptedBackend([delta(content="Hel"), delta(content="lo"), end("length")]))
    answer = ask(server, "POST", "/api/chat", {**HELLO, "stream": False})
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["message"]["content"] == "Hello"
    assert answer.json["done_reason"] == "length"


@pytest.mark.parametrize(("extra", "reason"), [({}, "load"), ({"keep_alive": 0}, "unload")])
def test_no_messages_load_the_model_without_running_it(
    serve: Serve, extra: dict[str, Any], reason: str
) -> None:
    answer = ask(serve(ScriptedBackend()), "POST", "/api/chat", {"model": MODEL_NAME, **extra})
    assert answer.json["done_reason"] == reason


@pytest.mark.parametrize("error", [ValueError("bad schema"), RuntimeError("bad body")])
def test_what_the_model_cannot_run_is_a_400(serve: Serve, error: Exception) -> None:
    answer = ask(serve(ScriptedBackend(error)), "POST", "/api/chat", HELLO)
    assert answer.status == 400
    assert answer.json == {"error": str(error)}


def test_the_server_goes_on_after_a_fault(serve: Serve) -> None:
    server = serve(ScriptedBackend(ValueError("x"), [b"[]"], [delta(content="Hi"), end()]))
    statuses = [ask(server, "POST", "/api/chat", HELLO).status for _ in range(3)]
    assert statuses == [400, 500, 200]


@pytest.mark.parametrize(
    "name",
    ["41-malformed-json-400", "42-empty-body-400", "43-missing-model-400", "40-unknown-model-404"],
)
def test_a_refusal_is_the_recorded_one(serve: Serve, name: str) -> None:
    body = (CAPTURES / f"{name}.req").read_bytes().split(b"\n", 1)[1].strip()
    body = body.replace(b"smollm2:135m", MODEL_NAME.encode())
    head, text = (CAPTURES / f"{name}.http").read_bytes().split(b"\r\n\r\n", 1)
    answer = ask(serve(ScriptedBackend()), "POST", "/api/chat", body)
    assert answer.status == int(head.split()[1])
    assert answer.json == json.loads(text)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("name", ["49-wrong-method-GET-chat", "50-unknown-path", "51-root"])
def test_a_path_that_is_not_of_the_api_is_answered_in_plain_text(serve: Serve, name: str) -> None:
    method, path = (CAPTURES / f"{name}.req").read_text().split("\n", 1)[0].split()
    head, text = (CAPTURES / f"{name}.http").read_bytes().split(b"\r\n\r\n", 1)
    answer = ask(serve(ScriptedBackend()), method, path)
    assert answer.status == int(head.split()[1])
    assert answer.body == text
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_a_head_request_has_no_body(serve: Serve) -> None:
    answer = ask(serve(ScriptedBackend()), "HEAD", "/")
    assert answer.status == 200
    assert answer.body == b""


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:11434"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/api/tags", "/api/chat"])
def test_a_foreign_host_or_origin_is_forbidden(
    serve: Serve, headers: dict[str, str], path: str
) -> None:
    backend = ScriptedBackend()
    answer = ask(serve(backend), "POST", path, HELLO, headers)
    assert answer.status == 403
    assert answer.body == b""
    assert backend.bodies == []


@pytest.mark.parametrize(
    "headers",
    [{"Host": "localhost:1"}, {"Host": "[::1]:80"}, {"Origin": "http://localhost:3000"}],
)
def test_this_machines_own_names_may_come_in(serve: Serve, headers: dict[str, str]) -> None:
    assert ask(serve(ScriptedBackend()), "GET", "/api/tags", None, headers).status == 200


def test_it_listens_on_loopback_only(serve: Serve) -> None:
    assert serve(ScriptedBackend()).server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Content-Length": "99999999999"}, 413),
        ({"Content-Length": "-1"}, 413),
        ({"Content-Length": "ten"}, 413),
    ],
)
def test_a_body_without_an_honest_length_is_not_read(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", serve(ScriptedBackend()).server_port)
    connection.putrequest("POST", "/api/chat")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == status
    response.read()
    connection.close()


def test_one_connection_serves_one_request_after_the_other(serve: Serve) -> None:
    server = serve(ScriptedBackend([delta(content="Hi"), end()]))
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    for method, path, body in [
        ("GET", "/api/tags", None),
        ("POST", "/api/chat", json.dumps(HELLO)),
        ("GET", "/nothing", None),
        ("GET", "/api/version", None),
    ]:
        connection.request(method, path, body)
        last = connection.getresponse()
        last.read()
    connection.close()
    assert last.status == 200


def open_chat(server: EmbeddedHttpServer) -> socket.socket:
    body = json.dumps(HELLO).encode()
    client = socket.create_connection(("127.0.0.1", server.server_port), timeout=5)
    head = f"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
    return client


PROGRESS = b'{"choices": [{"delta": {"content": null}, "finish_reason": null}]}'


@pytest.mark.parametrize("chunk", [delta(content="word "), PROGRESS], ids=["writing", "reading"])
def test_a_client_that_closes_its_connection_stops_the_model(serve: Serve, chunk: bytes) -> None:
    backend = EndlessBackend(chunk)
    client = open_chat(serve(backend))
    assert backend.started.wait(5)
    client.close()
    assert backend.stopped.wait(5)


def test_requests_for_the_model_run_one_at_a_time(serve: Serve) -> None:
    backend = EndlessBackend(delta(content="word "))
    server = serve(backend)
    first = open_chat(server)
    assert backend.started.wait(5)
    second = open_chat(server)
    assert ask(server, "GET", "/api/tags").status == 200
    assert backend.requests == 1
    first.close()
    wait_for(lambda: backend.requests == 2, "the second request never ran")
    second.close()
    wait_for(lambda: backend.running == 0, "the second request never stopped")
    assert backend.most == 1


def test_a_client_that_leaves_the_queue_is_never_run(serve: Serve) -> None:
    backend = EndlessBackend(delta(content="word "))
    server = serve(backend)
    first = open_chat(server)
    assert backend.started.wait(5)
    open_chat(server).close()
    first.close()
    wait_for(lambda: backend.running == 0, "the first request never stopped")
    third = open_chat(server)
    wait_for(lambda: backend.running == 1, "the third request never ran")
    third.close()
    wait_for(lambda: backend.running == 0, "the third request never stopped")
    assert backend.requests == 2


def test_nothing_is_printed_when_clients_come_and_go(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    backend = EndlessBackend(delta(content="word "))
    server = serve(backend)
    open_chat(server).close()
    ask(server, "GET", "/api/tags")
    wait_for(lambda: backend.running == 0, "a request never stopped")
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
