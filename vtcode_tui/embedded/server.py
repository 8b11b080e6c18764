"""The Ollama API on a loopback port, as far as this program uses it, over one built-in model."""

from __future__ import annotations

import datetime
import json
import select
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from vtcode_tui.embedded.engine import CONTEXT_LENGTH, Backend
from vtcode_tui.embedded.translate import BadRequest, JsonDict, Translator, to_inner

MODEL_NAME = "gemma3-tryout:270m"
VERSION = "0.12.0"
_SIZE_BYTES = 253_113_024
_DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "gemma3",
    "families": ["gemma3"],
    "parameter_size": "268.10M",
    "quantization_level": "Q4_K_M",
    "context_length": CONTEXT_LENGTH,
}
_CAPABILITIES = ["completion", "tools", "thinking"]
_BODY_LIMIT = 32 * 1024 * 1024
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


class EmbeddedServer(ThreadingHTTPServer):
    """Listens on a free loopback port. ``backend`` answers."""

    daemon_threads = True

    def __init__(self, backend: Backend, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.backend = backend
        self.is_loaded = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EmbeddedServer

    _GETS: ClassVar[dict[str, str]] = {
        "/": "_root",
        "/api/version": "_version",
        "/api/tags": "_tags",
        "/api/ps": "_ps",
    }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Silent: the terminal belongs to the app."""

    def do_GET(self) -> None:
        self._dispatch(self._GETS.get(self.path))

    def do_POST(self) -> None:
        self._dispatch({"/api/show": "_show", "/api/chat": "_chat"}.get(self.path))

    def _dispatch(self, name: str | None) -> None:
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        if host not in _LOCAL_HOSTS or self.headers.get("Origin"):
            self._send(403, b"", "text/plain")
        elif name is None:
            self._send(404, b"404 page not found", "text/plain")
        else:
            try:
                getattr(self, name)()
            except BadRequest as error:
                self._send_json({"error": str(error)}, 400)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    # --- short calls --------------------------------------------------------------------------

    def _root(self) -> None:
        self._send(200, b"Ollama is running", "text/plain")

    def _version(self) -> None:
        self._send_json({"version": VERSION})

    def _tags(self) -> None:
        self._send_json({"models": [{**_entry(), "capabilities": _CAPABILITIES}]})

    def _ps(self) -> None:
        entry = {**_entry(), "size_vram": 0, "context_length": CONTEXT_LENGTH, "expires_at": _now()}
        self._send_json({"models": [entry] if self.server.is_loaded else []})

    def _show(self) -> None:
        self._known_model(self._body())
        self._send_json(
            {
                "parameters": f"num_ctx {CONTEXT_LENGTH}",
                "template": "",
                "details": _DETAILS,
                "model_info": {
                    "general.architecture": "gemma3",
                    "general.parameter_count": 268_098_176,
                    "gemma3.context_length": CONTEXT_LENGTH,
                },
                "capabilities": _CAPABILITIES,
                "modified_at": _now(),
            }
        )

    # --- chat ---------------------------------------------------------------------------------

    def _chat(self) -> None:
        request = self._body()
        if not self._known_model(request):
            return
        self.server.is_loaded = True
        if not request.get("messages"):
            message = {"role": "assistant", "content": ""}
            self._send_json({**_head(), "message": message, "done": True, "done_reason": "load"})
            return
        inner = to_inner(request)
        if request.get("stream") is False:
            self._answer_whole(inner)
        else:
            self._answer_in_lines(inner)

    def _answer_whole(self, inner: JsonDict) -> None:
        translator, started = Translator(), time.monotonic_ns()
        content: list[str] = []
        thinking: list[str] = []

        def take(chunk: JsonDict) -> bool:
            for message in translator.take(chunk):
                content.append(message["content"])
                thinking.append(message.get("thinking", ""))
            return self._is_gone()

        self.server.backend.complete(inner, take)
        message: JsonDict = {"role": "assistant", "content": "".join(content)}
        if any(thinking):
            message["thinking"] = "".join(thinking)
        if calls := translator.calls():
            message["tool_calls"] = calls
        final = translator.final(time.monotonic_ns() - started)
        self._send_json({**_head(), "message": message, **final})

    def _answer_in_lines(self, inner: JsonDict) -> None:
        """The head goes out with the first line, as an Ollama server does it."""
        translator, started = Translator(), time.monotonic_ns()
        is_begun = False

        def send(message: JsonDict, **fields: object) -> None:
            nonlocal is_begun
            if not is_begun:
                is_begun = True
                self.send_response(200)
                self.send_header("Content-Type", "application/x-ndjson")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
            line = json.dumps({**_head(), "message": message, "done": False, **fields}) + "\n"
            self._send_chunk(line.encode())

        def take(chunk: JsonDict) -> bool:
            try:
                for message in translator.take(chunk):
                    send(message)
            except (BrokenPipeError, ConnectionResetError):
                return True
            return self._is_gone()

        self.server.backend.complete(inner, take)
        if calls := translator.calls():
            send({"role": "assistant", "content": "", "tool_calls": calls})
        final = translator.final(time.monotonic_ns() - started)
        send({"role": "assistant", "content": ""}, **final)
        self._send_chunk(b"")

    # --- the wire -----------------------------------------------------------------------------

    def _is_gone(self) -> bool:
        """Whether the client closed the connection: nothing else makes it readable now."""
        try:
            readable, _, _ = select.select([self.connection], [], [], 0)
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _body(self) -> JsonDict:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= _BODY_LIMIT:
            raise BadRequest("missing request body")
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError as error:
            raise BadRequest(str(error)) from None
        if not isinstance(body, dict):
            raise BadRequest("the request must be an object")
        return body

    def _known_model(self, request: JsonDict) -> bool:
        name = request.get("model")
        if not name:
            raise BadRequest("model is required")
        if name == MODEL_NAME:
            return True
        self._send_json({"error": f"model '{name}' not found"}, 404)
        return False

    def _send_json(self, body: JsonDict, status: int = 200) -> None:
        self._send(status, json.dumps(body).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_chunk(self, line: bytes) -> None:
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _head() -> JsonDict:
    return {"model": MODEL_NAME, "created_at": _now()}


def _entry() -> JsonDict:
    return {
        "name": MODEL_NAME,
        "model": MODEL_NAME,
        "modified_at": "2026-01-01T00:00:00Z",
        "size": _SIZE_BYTES,
        "digest": "",
        "details": _DETAILS,
    }
