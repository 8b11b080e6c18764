"""The corpus of hostile answers, each as a reply of the fake server."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tests.fakes.replies import Reply, reply
from tests.fakes.wire import LAST_CHUNK, Wire

_CORPUS = Path(__file__).parents[1] / "corpora" / "hostile_streams.jsonl"

CASES: list[dict[str, Any]] = [json.loads(line) for line in _CORPUS.read_text("utf-8").splitlines()]
BY_ID = {case["id"]: case for case in CASES}


def hostile_reply(case: dict[str, Any]) -> Reply:
    """The whole answer that a case describes, head and end included."""
    return reply(serve=lambda wire: _play(wire, case))


def _play(wire: Wire, case: dict[str, Any]) -> None:
    if not case["status"]:
        wire.wait_until_client_closes()
    framing = case["framing"]
    bodies = [_content(step) for step in case["steps"]]
    size = sum(len(body) for body in bodies)
    headers = dict(case["headers"])
    if framing.startswith("chunked"):
        headers["Transfer-Encoding"] = "chunked"
    elif framing.startswith("length"):
        headers["Content-Length"] = str(size + (50 if framing == "length+50" else 0))
    wire.send_head(case["status"], headers)
    for step, body in zip(case["steps"], bodies, strict=True):
        for _ in range(step.get("repeat", 1)):
            if body:
                wire.send(_framed(body, framing))
            wire.pause(step.get("sleep", 0))
    _end(wire, case["end"], framing)


def _content(step: dict[str, Any]) -> bytes:
    if "fill" in step:
        return bytes(step["fill"], "utf-8") * int(step["n"])
    if "send_b64" in step:
        return base64.b64decode(step["send_b64"])
    return bytes(step.get("send", ""), "utf-8")


def _framed(body: bytes, framing: str) -> bytes:
    if not framing.startswith("chunked"):
        return body
    extension = b";name=value" if framing == "chunked-ext" else b""
    return b"%x%b\r\n%b\r\n" % (len(body), extension, body)


def _end(wire: Wire, end: str, framing: str) -> None:
    if end == "hold":
        wire.wait_until_client_closes()
    if end == "rst":
        wire.pause(0.1)  # So that what was sent is read before the reset throws it away.
        wire.reset()
    elif end == "fin" and framing == "chunked-bad":
        wire.send(b"zz\r\nnonsense\r\n")
    elif end == "fin" and framing == "chunked-ext":
        wire.send(b"0\r\nX-Trailer: yes\r\n\r\n")
    elif end == "fin" and framing == "chunked":
        wire.send(LAST_CHUNK)
