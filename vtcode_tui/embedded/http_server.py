"""The Ollama API over a backend: HTTP/1.1 on loopback, one thread a connection.

Requests for the model run one at a time. A client that closes its connection stops its own,
whether it waits, reads its prompt or writes.
"""

from __future__ import annotations

import secrets
import select
import socket
import string
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from vtcode_tui.conversation.messages import JsonObject
from vtcode_tui.embedded import model_card
from vtcode_tui.embedded.backend import Backend
from vtcode_tui.embedded.chat_request import ChatOrder, check_model, parse_body, read_chat
from vtcode_tui.embedded.faults import ApiFault
from vtcode_tui.embedded.prompting import completion_body, tells_a_result
from vtcode_tui.embedded.translation import ReplyTranslator, whole_reply, without_messages

_LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))
_BODY_CAP_BYTES = 32 * 1024 * 1024
_SOCKET_TIMEOUT_S = 60.0
_TURN_POLL_S = 0.05
_JSON = "application/json; charset=utf-8"
_NDJSON = "application/x-ndjson"
_PLAIN = "text/plain"
_ID_LETTERS = string.ascii_lowercase + string.digits


class ClientGone(Exception):
    """The client closed its connection: nobody is left to answer."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the server answers from: the model, its template and since when it is there."""

    backend: Backend
    template: str
    modified_at: str


class EmbeddedHttpServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1; ``port`` 0 lets the system choose."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, served: Served, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.served = served
        self.turn = threading.Lock()

    def server_bind(self) -> None:
        """Without the base class's look-up of the host's name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name = "localhost"
        self.server_port = int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        error = sys.exception()
        if not isinstance(error, ClientGone | OSError):
            print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddedHttpServer
    protocol_version = "HTTP/1.1"
    timeout = _SOCKET_TIMEOUT_S
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_OPTIONS(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def version_string(self) -> str:
        return "vtcode-tui"

    def _answer(self) -> None:
        try:
            if not self._is_from_here():
                self._send(403, b"", None)
                return
            body = self._body()
            self._route(body)
        except ApiFault as fault:
            self.send_json(fault.status, {"error": fault.text})

    def _route(self, body: bytes) -> None:
        routes: dict[str, tuple[str, Callable[[bytes], None]]] = {
            "/": ("GET", self._root),
            "/api/version": ("GET", self._version),
            "/api/tags": ("GET", self._tags),
            "/api/ps": ("GET", self._running),
            "/api/show": ("POST", self._show),
            "/api/chat": ("POST", self._chat),
        }
        method = "GET" if self.command == "HEAD" else self.command
        wanted, answer = routes.get(urlsplit(self.path).path, ("", None))
        if answer is None:
            self._send(404, b"404 page not found", _PLAIN)
        elif method != wanted:
            self._send(405, b"405 method not allowed", _PLAIN, {"Allow": wanted})
        else:
            answer(body)

    def _root(self, _: bytes) -> None:
        self._send(200, b"Ollama is running", _PLAIN)

    def _version(self, _: bytes) -> None:
        self.send_json(200, {"version": model_card.SERVER_VERSION})

    def _tags(self, _: bytes) -> None:
        self.send_json(200, model_card.tags(self.server.served.modified_at))

    def _running(self, _: bytes) -> None:
        self.send_json(200, model_card.running())

    def _show(self, body: bytes) -> None:
        check_model(parse_body(body))
        served = self.server.served
        self.send_json(200, model_card.show(served.template, served.modified_at))

    def _chat(self, body: bytes) -> None:
        record = parse_body(body)
        check_model(record)
        order = read_chat(record)
        if not order.messages:
            line = without_messages(model_card.MODEL_NAME, _now(), is_unload=order.is_unload)
            self.send_json(200, line)
            return
        started_ns = time.monotonic_ns()
        self._take_turn()
        try:
            waited_ns = time.monotonic_ns() - started_ns
            self._generate(order, started_ns, waited_ns)
        finally:
            self.server.turn.release()

    def _take_turn(self) -> None:
        """Raises ClientGone if the client leaves the queue."""
        while not self.server.turn.acquire(timeout=_TURN_POLL_S):
            if self._client_is_gone():
                raise ClientGone
        if self._client_is_gone():
            self.server.turn.release()
            raise ClientGone

    def _generate(self, order: ChatOrder, started_ns: int, waited_ns: int) -> None:
        """Runs the model and sends what it gives; no head goes out before there is a line.

        An error in the callback would be lost in the model's own code, so it is kept and raised
        here.
        """
        translator = ReplyTranslator(
            model_card.MODEL_NAME, _now, _new_call_id, is_one_line=tells_a_result(order)
        )
        reply = _StreamedReply(self) if order.streams else _WholeReply(self)
        caught: list[Exception] = []

        def on_chunk(chunk: bytes) -> bool:
            try:
                if self._client_is_gone():
                    raise ClientGone
                for line in translator.feed(chunk):
                    reply.add(line)
            except Exception as error:  # noqa: BLE001 - raised below
                caught.append(error)
            return translator.is_over or bool(caught)

        try:
            self.server.served.backend.chat(completion_body(order), on_chunk)
            if caught:
                raise caught[0]
            for line in translator.finish(time.monotonic_ns() - started_ns, waited_ns):
                reply.add(line)
            reply.close()
        except (ClientGone, OSError):
            self.close_connection = True
            raise ClientGone from None
        except ApiFault as fault:
            reply.fail(fault)
        except (ValueError, RuntimeError) as error:
            reply.fail(ApiFault(400, str(error)))

    def _client_is_gone(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        if not readable:
            return False
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _is_from_here(self) -> bool:
        """Whether Host and Origin are this machine's: a web page elsewhere must not get in."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        is_own_origin = origin is None or _host_of(origin) in _LOOPBACK_NAMES
        return is_own_origin and _host_of(f"//{host}") in _LOOPBACK_NAMES

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise ApiFault(411, "a Content-Length is required")
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _BODY_CAP_BYTES:
            self.close_connection = True
            raise ApiFault(413, "the request's body is too large")
        return self.rfile.read(int(length))

    def send_json(self, status: int, record: JsonObject) -> None:
        self._send(status, encoded(record), _JSON)

    def _send(
        self, status: int, body: bytes, kind: str | None, extra: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_stream_head(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", _NDJSON)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_piece(self, piece: bytes) -> None:
        """One chunk of the chunked coding; an empty one ends it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


class _StreamedReply:
    """Sends each line at once."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self._has_head = False

    def add(self, line: JsonObject) -> None:
        if not self._has_head:
            self._handler.send_stream_head()
            self._has_head = True
        self._handler.send_piece(encoded(line) + b"\n")

    def close(self) -> None:
        self._handler.send_piece(b"")

    def fail(self, fault: ApiFault) -> None:
        """A status while there is no head, else a line in the stream."""
        if not self._has_head:
            raise fault
        self._handler.send_piece(encoded({"error": fault.text}) + b"\n")
        self.close()


class _WholeReply:
    """Collects the lines and sends them as one object."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self._lines: list[JsonObject] = []

    def add(self, line: JsonObject) -> None:
        self._lines.append(line)

    def close(self) -> None:
        self._handler.send_json(200, whole_reply(self._lines))

    def fail(self, fault: ApiFault) -> None:
        raise fault


def encoded(record: JsonObject) -> bytes:
    return dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _host_of(url: str) -> str:
    """The host name in a URL without its port, or nothing where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _now() -> str:
    return model_card.wire_time(datetime.now(UTC))


def _new_call_id() -> str:
    return "call_" + "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
