"""One accepted connection of a fake server: reads requests, writes bytes, sees a client go."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

_POLL_S = 0.005
_TLS_HANDSHAKE = b"\x16"
_REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}


class ClientGone(Exception):
    """The client closed its end, or the server is being stopped."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """``headers`` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Blocking; used by one thread. All waiting ends in ClientGone when the client goes."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._stopping = stopping
        self._reader = connection.makefile("rb")

    def read_request(self) -> RawRequest | None:
        """The next request, or None at the end of the connection. TLS is answered as noise."""
        if self._reader.peek(1)[:1] == _TLS_HANDSHAKE:
            self.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")
            return None
        line = self._reader.readline()
        if not line.strip():
            return None
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while (line := self._reader.readline()) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self._reader.read(int(headers.get("content-length") or 0))
        return RawRequest(method, path, headers, body)

    def send(self, content: bytes) -> None:
        try:
            self._socket.sendall(content)
        except OSError as error:
            raise ClientGone from error

    def send_head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def send_body(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_head(status, {**headers, "Content-Length": str(len(content))})
        self.send(content)

    def pause(self, seconds: float) -> None:
        """Lets ``seconds`` go by, with an eye on the client."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._check_client(min(left, 0.05))

    def wait(self, event: threading.Event) -> None:
        """Until ``event`` is set."""
        while not event.wait(_POLL_S):
            self._check_client(0)

    def wait_until_client_closes(self) -> None:
        """Ends in ClientGone."""
        while True:
            self._check_client(0.05)

    def reset(self) -> None:
        """Ends the connection with a TCP reset, as a killed server's machine does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def shut_down(self) -> None:
        """Wakes a thread that is blocked on the connection. Safe from any thread."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        self._reader.close()
        self._socket.close()

    def _check_client(self, timeout_s: float) -> None:
        if self._stopping.is_set():
            raise ClientGone
        try:
            readable, _, _ = select.select([self._socket], [], [], timeout_s)
            if readable and not self._socket.recv(1, socket.MSG_PEEK):
                raise ClientGone
        except (OSError, ValueError) as error:
            raise ClientGone from error
        if readable:
            time.sleep(min(timeout_s, _POLL_S))


def chunk(content: bytes) -> bytes:
    """``content`` as one chunk of HTTP's chunked transfer coding."""
    return b"%x\r\n%b\r\n" % (len(content), content)


LAST_CHUNK = b"0\r\n\r\n"
