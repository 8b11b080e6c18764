"""A server for the built-in model on a real socket, with a backend that each test chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from vtcode_tui.embedded.backend import Backend
from vtcode_tui.embedded.http_server import EmbeddedHttpServer, Served

Serve = Callable[[Backend], EmbeddedHttpServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[tuple[EmbeddedHttpServer, threading.Thread]] = []

    def start(backend: Backend) -> EmbeddedHttpServer:
        server = EmbeddedHttpServer(Served(backend, "TEMPLATE", "2026-01-02T03:04:05Z"))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join(5)
        server.server_close()
