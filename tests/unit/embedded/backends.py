"""Backends for the server's tests: they give chunks without a model."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from vtcode_tui.embedded.backend import OnChunk

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> list[bytes]:
    """The chunks that llama.cpp gave for one request."""
    return (RECORDED / f"{name}.jsonl").read_bytes().splitlines()


def delta(**fields: Any) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}).encode()


def end(reason: str = "stop", **timings: float) -> bytes:
    choice = {"index": 0, "delta": {}, "finish_reason": reason}
    return json.dumps({"choices": [choice], "timings": timings}).encode()


class ScriptedBackend:
    """Gives each request the next list of chunks; notes the bodies."""

    def __init__(self, *replies: list[bytes] | Exception) -> None:
        self._replies = list(replies)
        self.bodies: list[dict[str, Any]] = []

    def chat(self, body: bytes, on_chunk: OnChunk) -> None:
        self.bodies.append(json.loads(body))
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        for chunk in reply:
            if on_chunk(chunk):
                return


class EndlessBackend:
    """Gives ``chunk`` again and again until it is told to stop.

    ``running`` is how many requests run now, ``most`` how many ever ran at once.
    """

    def __init__(self, chunk: bytes) -> None:
        self._chunk = chunk
        self._count = threading.Lock()
        self._pace = threading.Event()
        self.started = threading.Event()
        self.stopped = threading.Event()
        self.running = 0
        self.most = 0
        self.requests = 0

    def chat(self, body: bytes, on_chunk: OnChunk) -> None:
        with self._count:
            self.requests += 1
            self.running += 1
            self.most = max(self.most, self.running)
        self.started.set()
        try:
            while not on_chunk(self._chunk):
                self._pace.wait(0.005)
        finally:
            with self._count:
                self.running -= 1
            self.stopped.set()
