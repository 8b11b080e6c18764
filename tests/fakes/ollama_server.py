"""A scripted Ollama server for tests: real HTTP on a loopback port, standard library only.

It refuses what a real server refuses (an unknown model, tools or thinking on a model that lacks
them, a call whose arguments are a string), streams NDJSON with a chunk for each line, and notes
when a client goes before the end.

    with FakeOllama() as server:
        server.script(reply("Hello.", thinking="Hm."), reply(calls=[("read_file", {"path": "a"})]))
        ...  # talk to server.url
        assert server.chats[0].body["model"] == "qwen3:1.7b"

The ``wait_...`` methods block: call them by ``asyncio.to_thread`` in a test that has a loop.
"""

from __future__ import annotations

import contextlib
import copy
import json
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from tests.fakes.models import default_models, default_pull, installed_model
from tests.fakes.replies import Call, Reply, reply
from tests.fakes.wire import LAST_CHUNK, ClientGone, RawRequest, Wire, chunk

__all__ = ["Call", "FakeOllama", "RecordedRequest", "Reply", "Wire", "installed_model", "reply"]

_NDJSON = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TEXT = {"Content-Type": "text/plain"}
_POLL_S = 0.01
_LEVELS = ("high", "medium", "low", "max")


@dataclass
class RecordedRequest:
    """One request as it came. ``headers`` have lower-case names; ``body`` is None if not JSON.

    ``closed_early`` becomes true when the client goes before it had the whole answer;
    ``finished`` when the server is done with it either way.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any] | None
    raw_body: bytes = b""
    closed_early: bool = False
    finished: bool = False
    lines_sent: int = 0


@dataclass
class _Refusal(Exception):
    status: int
    error: str


class FakeOllama:
    """The server; a context manager. Lists and fields may be changed between requests.

    ``models`` is what ``/api/tags`` returns; ``running`` what ``/api/ps`` does, fed by chats;
    ``details`` holds fields that ``/api/show`` answers for a name beside the derived ones;
    ``answers`` puts a Reply in the place of a whole path's answer; ``pull_lines`` are the objects
    that a pull streams, ``pull_pace_s`` apart; ``api_key`` makes calls without it a 401;
    ``hides_capabilities`` makes it an old server, which knows nothing of ``truncate`` either;
    ``counts_tokens`` makes it count prompts and refuse or cut those beyond their window;
    ``tls`` makes it speak TLS (for clients that refuse it); ``default_reply`` is what an empty
    script gives, unless ``answering`` makes the reply from the request's body.
    """

    def __init__(self, *, port: int = 0) -> None:
        self.models: list[dict[str, Any]] = default_models()
        self.running: list[dict[str, Any]] = []
        self.details: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Reply] = {}
        self.pull_lines: list[dict[str, Any]] = default_pull()
        self.pull_pace_s = 0.0
        self.version = "0.33.0"
        self.api_key: str | None = None
        self.counts_tokens = False
        self.hides_capabilities = False
        self.tls: ssl.SSLContext | None = None
        self.default_reply = reply("Hello from the fake server.")
        self.answering: Callable[[Mapping[str, Any]], Reply] | None = None
        self.requests: list[RecordedRequest] = []
        self._scripted: deque[Reply] = deque()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._wires: set[Wire] = set()
        self._threads: list[threading.Thread] = []
        self._port = port
        self._listener: socket.socket | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._stopping.clear()
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=64)
        self._port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._spawn(self._accept, self._listener)

    def stop(self) -> None:
        """Closes every connection. ``start()`` after it listens on the same port again."""
        self._stopping.set()
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._changed:
            wires = list(self._wires)
        for wire in wires:
            wire.shut_down()
        for thread in self._threads:
            thread.join(5)
        self._threads.clear()

    def script(self, *replies: Reply) -> None:
        """Queues answers for the next ``/api/chat`` requests that the server does not refuse."""
        self._scripted.extend(replies)

    @property
    def chats(self) -> list[RecordedRequest]:
        """The ``/api/chat`` requests, in order."""
        return [request for request in self.requests if request.path == "/api/chat"]

    def wait_for_requests(self, path: str, count: int = 1, timeout_s: float = 5.0) -> None:
        """Until ``count`` requests to ``path`` have come; AssertionError when they do not."""
        self.wait_until(lambda: sum(r.path == path for r in self.requests) >= count, timeout_s)

    def wait_for_close(self, timeout_s: float = 5.0) -> None:
        """Until some client has gone before the end of its answer; AssertionError if none does."""
        self.wait_until(lambda: any(request.closed_early for request in self.requests), timeout_s)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
        end = time.monotonic() + timeout_s
        with self._changed:
            while not condition():
                if time.monotonic() > end:
                    raise AssertionError(f"not within {timeout_s} s; it saw {self.requests}")
                self._changed.wait(_POLL_S)

    def _spawn(self, work: Callable[[socket.socket], None], argument: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(argument,), daemon=True, name="fake-ollama")
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._spawn(self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
        except OSError:
            return
        wire = Wire(connection, self._stopping)
        with self._changed:
            self._wires.add(wire)
        try:
            while not self._stopping.is_set() and (raw := wire.read_request()) is not None:
                if not self._handle(wire, raw):
                    return
        except (OSError, ValueError):
            return
        finally:
            with self._changed:
                self._wires.discard(wire)
            wire.close()

    def _handle(self, wire: Wire, raw: RawRequest) -> bool:
        """True if the connection can take another request."""
        record = RecordedRequest(raw.method, raw.path, raw.headers, _json_body(raw.body), raw.body)
        with self._changed:
            self.requests.append(record)
            self._changed.notify_all()
        try:
            return self._answer_or_refuse(wire, record)
        except ClientGone:
            record.closed_early = not self._stopping.is_set()
            return False
        finally:
            record.finished = True
            with self._changed:
                self._changed.notify_all()

    def _answer_or_refuse(self, wire: Wire, record: RecordedRequest) -> bool:
        try:
            return self._answer(wire, record)
        except _Refusal as refusal:
            return _send_json(wire, refusal.status, {"error": refusal.error})

    def _answer(self, wire: Wire, record: RecordedRequest) -> bool:
        if self.api_key and record.headers.get("authorization") != f"Bearer {self.api_key}":
            raise _Refusal(401, "unauthorized")
        if record.path in self.answers:
            return self._send_reply(wire, record, self.answers[record.path])
        match record.method, record.path:
            case "GET", "/api/version":
                return _send_json(wire, 200, {"version": self.version})
            case "GET", "/api/tags":
                return _send_json(wire, 200, {"models": list(map(self._told, self.models))})
            case "GET", "/api/ps":
                return _send_json(wire, 200, {"models": self.running})
            case "POST", "/api/show":
                return _send_json(wire, 200, self._told(self._show(_body(record))))
            case "POST", "/api/pull":
                return self._pull(wire, record)
            case "POST", "/api/chat":
                return self._chat(wire, record)
            case _, "/api/chat" | "/api/show" | "/api/pull":
                wire.send_body(405, b"405 method not allowed", {"Allow": "POST", **_TEXT})
            case "GET", "/":
                wire.send_body(200, b"Ollama is running", _TEXT)
            case _:
                wire.send_body(404, b"404 page not found", _TEXT)
        return True

    def _told(self, entry: dict[str, Any]) -> dict[str, Any]:
        """What the server tells of a model; an old one does not tell what it can do."""
        if not self.hides_capabilities:
            return entry
        return {name: value for name, value in entry.items() if name != "capabilities"}

    def _show(self, body: Mapping[str, Any]) -> dict[str, Any]:
        model = self._find(str(body.get("model", "")))
        details = model.get("details", {})
        family = details.get("family", "llama")
        info = {
            "general.architecture": family,
            f"{family}.context_length": details.get("context_length", 8192),
        }
        answer = {
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": details,
            "model_info": info,
            **({"capabilities": model["capabilities"]} if "capabilities" in model else {}),
        }
        return {**answer, **self.details.get(model["name"], {})}

    def _find(self, name: str) -> dict[str, Any]:
        for model in self.models:
            if model["name"] in (name, f"{name}:latest"):
                return model
        raise _Refusal(404, f"model '{name}' not found")

    def _pull(self, wire: Wire, record: RecordedRequest) -> bool:
        name = str(_body(record).get("model", ""))
        if not name or " " in name:
            raise _Refusal(400, "invalid model name")
        wire.send_head(200, _NDJSON)
        for line in self.pull_lines:
            wire.send(chunk(json.dumps(line).encode() + b"\n"))
            record.lines_sent += 1
            wire.pause(self.pull_pace_s)
        wire.send(LAST_CHUNK)
        known = any(model["name"] == name for model in self.models)
        if self.pull_lines[-1] == {"status": "success"} and not known:
            self.models.append(installed_model(name))
        return True

    def _chat(self, wire: Wire, record: RecordedRequest) -> bool:
        if self._scripted and self._scripted[0].is_unconditional:
            return self._send_reply(wire, record, self._scripted.popleft())
        body = _body(record)
        model = self._check_chat(body)
        if not body.get("messages"):
            return self._load(wire, body, model)
        self._note_loaded(model)
        counted = self._counted(body) if self.counts_tokens else None
        answer = self._next_reply(body)
        if counted is not None and answer.final is not None:
            answer = replace(answer, final={**answer.final, "prompt_eval_count": counted})
        return self._send_reply(wire, record, answer)

    def _next_reply(self, body: Mapping[str, Any]) -> Reply:
        if self._scripted:
            return self._scripted.popleft()
        return self.answering(body) if self.answering is not None else self.default_reply

    def _counted(self, body: Mapping[str, Any]) -> int:
        """The prompt's tokens, a quarter of its characters; beyond the window a refusal or a cut."""
        parts = [json.dumps(body.get("tools", []))]
        for message in body["messages"]:
            parts += [message.get("content", ""), message.get("thinking", "")]
            parts += [json.dumps(call) for call in message.get("tool_calls", [])]
        tokens = sum(map(len, parts)) // 4 + 4 * len(body["messages"])
        window = int(body.get("options", {}).get("num_ctx", 4096))
        if tokens <= window:
            return tokens
        if self.hides_capabilities or body.get("truncate") is not False:
            return window // 2 + 2
        error = {
            "code": 400,
            "message": f"request ({tokens} tokens) exceeds the available context size "
            f"({window} tokens), try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": tokens,
            "n_ctx": window,
        }
        raise _Refusal(400, json.dumps({"error": error}))

    def _check_chat(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Refuses what a real server refuses; the model's entry otherwise."""
        name, think = str(body.get("model", "")), body.get("think")
        if not name:
            raise _Refusal(400, "model is required")
        if isinstance(think, str) and think not in _LEVELS:
            wanted = '(must be "high", "medium", "low", "max", true, or false)'
            raise _Refusal(400, f'invalid think value: "{think}" {wanted}')
        model = self._find(name)
        capabilities = self._show({"model": name}).get("capabilities") or ["completion", "tools"]
        if think and "thinking" not in capabilities:
            raise _Refusal(400, f'"{name}" does not support thinking')
        if body.get("tools") and "tools" not in capabilities:
            raise _Refusal(400, f"registry.ollama.ai/library/{name} does not support tools")
        for call in _calls_in(body.get("messages", [])):
            if not isinstance(call.get("function", {}).get("arguments"), dict):
                raise _Refusal(400, "Value looks like object, but can't find closing '}' symbol")
        return model

    def _load(self, wire: Wire, body: Mapping[str, Any], model: Mapping[str, Any]) -> bool:
        unloads = body.get("keep_alive") in (0, "0")
        self.running[:] = [entry for entry in self.running if entry["name"] != model["name"]]
        if not unloads:
            self._note_loaded(model)
        reason = "unload" if unloads else "load"
        answer = reply(done_reason=reason, prompt_tokens=0).whole(str(body["model"]))
        return _send_json(wire, 200, answer)

    def _note_loaded(self, model: Mapping[str, Any]) -> None:
        if any(entry["name"] == model["name"] for entry in self.running):
            return
        size = model.get("size", 0)
        entry = {"size": size, "size_vram": 0, "context_length": 4096}
        self.running.append(
            {**copy.deepcopy(dict(model)), **entry, "expires_at": "2026-11-22T10:05:00Z"}
        )

    def _send_reply(self, wire: Wire, record: RecordedRequest, answer: Reply) -> bool:
        if answer.head_hold is not None:
            wire.wait(answer.head_hold)
        wire.pause(answer.head_delay_s)
        if answer.serve is not None:
            answer.serve(wire)
            return False
        if answer.raw is not None:
            for piece in answer.raw:
                wire.send(piece)
            return False
        name = str((record.body or {}).get("model", ""))
        if answer.status != 200:
            content = {} if answer.error is None else {"error": answer.error}
            return _send_json(
                wire, answer.status, {**content, **answer.error_fields}, answer.headers
            )
        if (record.body or {}).get("stream") is False:
            return _send_json(wire, 200, answer.whole(name))
        wire.send_head(200, {**_NDJSON, **answer.headers})
        _send_lines(wire, record, answer, answer.records(name))
        if answer.hold is not None:
            wire.wait(answer.hold)
        if answer.cut:
            return False
        last = answer.last_record(name)
        wire.send((chunk(last) if last else b"") + LAST_CHUNK)
        return True


def _send_lines(wire: Wire, record: RecordedRequest, answer: Reply, lines: Sequence[bytes]) -> None:
    if not answer.pace_s:
        if answer.lead_s and lines:
            wire.send(chunk(lines[0]))
            wire.pause(answer.lead_s)
            lines = lines[1:]
        wire.send(b"".join(chunk(line) for line in lines))
        record.lines_sent = len(lines)
        return
    for line in lines:
        wire.send(chunk(line))
        record.lines_sent += 1
        wire.pause(answer.pace_s)


def _send_json(
    wire: Wire, status: int, answer: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> bool:
    wire.send_body(status, json.dumps(answer).encode(), {**_JSON, **(headers or {})})
    return True


def _json_body(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _body(record: RecordedRequest) -> dict[str, Any]:
    if record.body is None:
        raise _Refusal(400, "unexpected EOF" if record.raw_body else "missing request body")
    return record.body


def _calls_in(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [call for message in messages for call in message.get("tool_calls") or []]
