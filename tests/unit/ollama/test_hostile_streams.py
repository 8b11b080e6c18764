"""Every hostile stream over a real socket: the right outcome, in time, with nothing lost."""

from __future__ import annotations

import base64
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ollama_server import FakeOllama, Wire, reply
from tests.fakes.wire import LAST_CHUNK
from tests.unit.ollama.collecting import HELLO, Collected, collect
from vtcode_tui.errors import ModelLacksFeature, StreamBroken
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient, Timeouts

CORPUS = Path(__file__).parents[2] / "corpora" / "hostile_streams.jsonl"
CASES = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
KEY = "sk-TOPSECRET-123"
LIMITS = Timeouts(first_byte_s=1.5, idle_s=1.5, answer_s=1.5)

# What the advice has to speak of where the record has a hint.
HINTS = {
    "think": "effort",
    "context": "num_ctx",
    "key": "OLLAMA_API_KEY|key",
    "pull": "ollama pull",
    "memory": "smaller model",
    "base_url": "--base-url",
}


def test_no_record_is_lost() -> None:
    assert len(CASES) == 109
    assert len({case["id"] for case in CASES}) == 109


@pytest.mark.anyio
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
async def test_hostile_stream(case: dict[str, Any]) -> None:
    with FakeOllama() as server:
        server.script(reply(serve=lambda wire: _play(wire, case)))
        async with OllamaClient(parse_address(server.url), KEY, timeouts=LIMITS) as client:
            started = time.monotonic()
            got = await collect(client.chat(HELLO), case["expect"]["max_seconds"])
            assert time.monotonic() - started < case["expect"]["max_seconds"]
    _check_outcome(case["expect"], got)
    _check_content(case, got)


def _check_outcome(expect: dict[str, Any], got: Collected) -> None:
    if expect["outcome"] == "ok":
        assert got.error is None, str(got.error)
        assert got.done is not None
        return
    assert got.error is not None
    assert got.done is None
    text = str(got.error)
    if expect["outcome"] == "partial":
        assert isinstance(got.error, StreamBroken), repr(got.error)
    assert re.search(expect["error_like"], text, re.DOTALL), text
    # A model that cannot think is asked once again without: another request than the first.
    is_other_request = isinstance(got.error, ModelLacksFeature)
    assert is_other_request or got.error.may_retry is expect["auto_retry"], text
    assert KEY not in text + repr(got.error)
    if hint := HINTS.get(expect.get("hint", "")):
        assert re.search(hint, got.error.advice), text


def _check_content(case: dict[str, Any], got: Collected) -> None:
    expect = case["expect"]
    calls = [[call.name, call.arguments] for call in got.calls] if got.done else []
    if "text" in expect:
        assert got.text == expect["text"]
    if "tool_calls" in expect:
        assert calls == expect["tool_calls"]
    if "invalid_calls" in expect:
        is_nested_too_deep = case["name"] == "deeply nested arguments"
        is_capped = bool(expect.get("capped"))
        assert len(got.problems) == expect["invalid_calls"] + is_nested_too_deep + is_capped
    if "text_len" in expect:
        assert len(got.text) == expect["text_len"]
    if "text_max" in expect:
        assert 0 < len(got.text) <= expect["text_max"]
    assert len({call.call_id for call in got.calls}) == len(got.calls)
    got.text.encode()  # Nothing that cannot be stored or sent again.


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
