"""Every hostile stream over a real socket: the right outcome, in time, with nothing lost."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from tests.fakes.hostile_streams import CASES, hostile_reply
from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.ollama.collecting import HELLO, Collected, collect
from vtcode_tui.errors import ModelLacksFeature, StreamBroken
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient, Timeouts

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
    assert len(CASES) == 124
    assert len({case["id"] for case in CASES}) == 124


@pytest.mark.anyio
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
async def test_hostile_stream(case: dict[str, Any]) -> None:
    with FakeOllama() as server:
        server.script(hostile_reply(case))
        if not case["status"]:  # One that is silent to all, not one that loads a model.
            server.answers["/api/version"] = reply(
                serve=lambda wire: wire.wait_until_client_closes()
            )
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
    shown = [text for call in got.calls for text in (call.call_id, call.name)]
    assert all(len(text) <= 200 for text in (*shown, got.done.reason if got.done else ""))
    json.dumps([call.arguments for call in got.calls], allow_nan=False)
    got.text.encode()  # Nothing that cannot be stored or sent again.
