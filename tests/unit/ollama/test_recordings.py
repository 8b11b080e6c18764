"""Each recorded exchange, played over a real socket whole, in pieces and cut at random places."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.ollama.collecting import HELLO, Collected, collect
from tests.unit.ollama.recordings import Recording, names, recording, ways_to_cut
from vtcode_tui.errors import (
    ContextOverflow,
    ModelLacksFeature,
    ModelNotFound,
    NotAuthorised,
    RequestRefused,
    ServerBusy,
    ServerError,
    StreamBroken,
    UnexpectedReply,
)
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.ollama.types import PullProgress

PARIS = ("get_weather", {"city": "Paris"})
MAIN_PY = ("read_file", {"path": "main.py"})

# name: (length of the text, length of the thinking, calls, reason, prompt and output tokens)
REPLIES: dict[str, tuple[int, int, list[Any], str, int | None, int | None]] = {
    "10-chat-plain-stream": (79, 0, [], "stop", 16, 22),
    "11-chat-plain-stream-raw-chunked": (79, 0, [], "stop", 16, 22),
    "12-chat-plain-nostream": (79, 0, [], "stop", 16, 22),
    "14-chat-length-limit": (39, 0, [], "length", 15, 12),
    "15-chat-system-and-history": (31, 0, [], "stop", 40, 8),
    "16-chat-format-json-schema": (26, 0, [], "stop", 13, 19),
    "17-chat-logprobs": (12, 0, [], "length", 10, 3),
    "18-chat-load-empty-messages": (0, 0, [], "load", None, None),
    "19-chat-unload": (0, 0, [], "unload", None, None),
    "20-think-true-stream": (29, 30, [], "stop", 94, 27),
    "21-think-false-stream": (200, 0, [], "length", 23, 40),
    "22-think-unset-stream": (19, 20, [], "stop", 94, 21),
    "23-think-high-string": (19, 20, [], "stop", 94, 21),
    "24-think-true-nostream": (19, 20, [], "stop", 94, 21),
    "27-think-false-on-unsupported": (20, 0, [], "length", 10, 3),
    "30-tools-think-stream": (0, 69, [PARIS], "stop", 269, 57),
    "31-tools-nothink-stream": (267, 0, [], "length", 278, 80),
    "32-tools-nostream": (0, 69, [PARIS], "stop", 269, 57),
    "33-tools-malformed-call-silently-dropped": (0, 50, [], "stop", 271, 58),
    "34-tool-result-roundtrip": (15, 0, [], "stop", 167, 7),
    "35-tool-result-roundtrip-with-tools": (47, 0, [], "stop", 327, 18),
    "45-bad-role": (11, 0, [], "length", 11, 3),
    "55-prompt-too-long-truncated": (0, 0, [], "stop", 130, 1),
    "81-chat-after-runner-crash": (12, 0, [], "length", 10, 3),
    "92-agent-turn1-think-toolcall": (0, 50, [MAIN_PY], "stop", 463, 55),
    "93-agent-turn2-after-tool-result": (21, 0, [], "stop", 527, 8),
    "94-agent-toolcall-nothink": (0, 0, [MAIN_PY], "stop", 340, 31),
    "95-agent-answer-nothink-after-tool": (21, 0, [], "stop", 380, 8),
    "96-multiple-tool-calls-and-length": (0, 0, [PARIS, PARIS, PARIS], "length", 272, 90),
    "97-toolcall-leaks-as-content-text": (82, 0, [], "stop", 352, 34),
}

# name: (class of the error, status, length of the text before it, words of the error)
FAULTS: dict[str, tuple[type[ServerError], int | None, int, str]] = {
    "25-think-bad-string-400": (ModelLacksFeature, 400, 0, 'invalid think value: "banana"'),
    "26-think-unsupported-400": (ModelLacksFeature, 400, 0, "does not support thinking"),
    "36-tools-unsupported-400": (ModelLacksFeature, 400, 0, "does not support tools"),
    "37-tools-arguments-as-string-400": (RequestRefused, 400, 0, "looks like object"),
    "40-unknown-model-404": (ModelNotFound, 404, 0, "ollama pull"),
    "41-malformed-json-400": (RequestRefused, 400, 0, "unexpected EOF"),
    "42-empty-body-400": (RequestRefused, 400, 0, "missing request body"),
    "43-missing-model-400": (RequestRefused, 400, 0, "model is required"),
    "44-messages-wrong-type-400": (RequestRefused, 400, 0, "cannot unmarshal string"),
    "46-bad-option-type": (ServerError, 500, 0, "num_ctx"),
    "47-invalid-model-name": (RequestRefused, 400, 0, "valid name"),
    "48-images-on-text-model": (ModelLacksFeature, 400, 0, "does not support images"),
    "49-wrong-method-GET-chat": (UnexpectedReply, 405, 0, "405"),
    "50-unknown-path": (UnexpectedReply, 404, 0, "404 page not found"),
    "51-root": (UnexpectedReply, None, 0, "Ollama is running"),
    "52-cors-forbidden-origin": (NotAuthorised, 403, 0, "403 Forbidden"),
    "53-host-header-mismatch": (NotAuthorised, 403, 0, "403 Forbidden"),
    "54-cloud-model-disabled": (NotAuthorised, 403, 0, "cloud is disabled"),
    "56-prompt-too-long-truncate-false": (
        ContextOverflow,
        400,
        0,
        "610 tokens for a window of 256",
    ),
    "70-cancelled-stream-client-disconnect": (StreamBroken, None, 766, "incomplete"),
    "80-runner-killed-mid-stream": (StreamBroken, 200, 53, "unexpected EOF"),
    "80a-runner-killed-before-first-token": (ServerError, 500, 0, "unexpected EOF"),
    "82-server-busy-503": (ServerBusy, 503, 0, "server busy"),
    "83-server-sigkill-mid-stream": (StreamBroken, None, 53, "incomplete"),
    "84-server-sigterm-mid-stream": (StreamBroken, None, 53, "incomplete"),
    "85-chat-corrupt-model-load-failure": (ServerError, 500, 0, "ollama rm"),
    "86-chat-model-blob-missing": (ModelNotFound, 404, 0, "ollama pull"),
}

# name: (class of the error or None, words of the error)
PULLS: dict[str, tuple[type[ServerError] | None, str]] = {
    "60-pull-unreachable-host-stream": (ServerError, "connection refused"),
    "61-pull-unreachable-host-nostream": (ServerError, "connection refused"),
    "62-pull-default-registry-unreachable": (ServerError, "proxyconnect"),
    "63-pull-invalid-name": (RequestRefused, "valid name"),
    "64-pull-empty": (RequestRefused, "valid name"),
    "66a-pull-cancelled-by-client": (StreamBroken, "incomplete"),
    "66b-pull-resumed-success": (None, ""),
    "67-pull-again-already-present": (None, ""),
    "68-pull-manifest-404": (ModelNotFound, "not found"),
    "69-pull-manifest-500": (ServerError, "boom"),
    "71-pull-http-without-insecure": (ServerError, "EOF"),
    "72-pull-success-nostream": (None, ""),
    "73-pull-digest-mismatch": (ServerError, "digest mismatch"),
    "74-pull-connection-broken-mid-blob": (ServerError, "max retries exceeded"),
}

NOT_FOR_THE_CLIENT = {"65", "88", "89", "90", "91"}
SHORT_CALLS = {"01", "02", "03", "04", "05", "06", "13", "87"}


async def replay_chat(server: FakeOllama, client: OllamaClient, pieces: list[bytes]) -> Collected:
    server.script(reply(raw=pieces))
    return await collect(client.chat(HELLO))


def test_every_recording_that_concerns_the_client_is_replayed() -> None:
    replayed = {*REPLIES, *FAULTS, *PULLS, *names(*SHORT_CALLS), *names(*NOT_FOR_THE_CLIENT)}
    assert replayed == set(names())
    assert len(replayed) == 84


@pytest.mark.anyio
@pytest.mark.parametrize("name", REPLIES)
async def test_recorded_reply_gives_the_same_parts_however_tcp_cuts_it(
    name: str, server: FakeOllama, client: OllamaClient
) -> None:
    recorded = recording(name)
    text_length, thinking_length, calls, reason, prompt_tokens, output_tokens = REPLIES[name]
    whole = Collected()
    for way, pieces in ways_to_cut(recorded.wire).items():
        got = await replay_chat(server, client, pieces)
        whole = got if way == "whole" else whole
        assert got.error is None, f"{way}: {got.error}"
        assert got.same_as(whole), f"{way}: {got.parts}"
    assert (whole.text, whole.thinking) == (
        _joined(recorded, "content"),
        _joined(recorded, "thinking"),
    )
    assert (len(whole.text), len(whole.thinking)) == (text_length, thinking_length)
    assert [(call.name, call.arguments) for call in whole.calls] == calls
    assert len({call.call_id for call in whole.calls}) == len(calls)
    assert whole.done is not None
    assert whole.done.reason == reason
    usage = whole.done.usage
    assert (usage.prompt_tokens, usage.output_tokens) == (prompt_tokens, output_tokens)
    assert whole.kinds[0] == "HeadReceived"
    assert whole.kinds[-1] == "DonePart"


@pytest.mark.anyio
@pytest.mark.parametrize("name", FAULTS)
async def test_recorded_fault_gives_its_error_after_all_that_came_before(
    name: str, server: FakeOllama, client: OllamaClient
) -> None:
    recorded = recording(name)
    error_class, status, text_length, words = FAULTS[name]
    for way, pieces in ways_to_cut(recorded.wire).items():
        got = await replay_chat(server, client, pieces)
        assert type(got.error) is error_class, f"{way}: {got.error!r}"
        assert got.error.status == status, way
        assert words in str(got.error), f"{way}: {got.error}"
        assert got.error.advice, way
        assert len(got.text) == text_length, way
        if text_length:
            assert got.text == _joined(recorded, "content")
        assert got.done is None


@pytest.mark.anyio
@pytest.mark.parametrize("name", PULLS)
async def test_recorded_pull_gives_its_progress_and_its_end(
    name: str, server: FakeOllama, client: OllamaClient
) -> None:
    recorded = recording(name)
    error_class, words = PULLS[name]
    told = [record for record in recorded.records if "status" in record]
    for way, pieces in ways_to_cut(recorded.wire).items():
        server.answers["/api/pull"] = reply(raw=pieces)
        got: list[PullProgress] = []
        error: ServerError | None = None
        try:
            pull = client.pull("qwen3:0.6b")
            while (progress := await anext(pull, None)) is not None:
                got.append(progress)
        except ServerError as caught:
            error = caught
        assert (type(error) if error else None) is error_class, f"{way}: {error!r}"
        assert words in str(error or ""), f"{way}: {error}"
        assert all(one != other for one, other in itertools.pairwise(got)), way
        assert {(p.status, p.digest, p.completed) for p in got} == {
            (r["status"], r.get("digest", ""), r.get("completed")) for r in told
        }, way


@pytest.mark.anyio
@pytest.mark.parametrize("name", names("01", "02", "03", "04", "05", "06", "13", "87"))
async def test_recorded_short_call_gives_the_same_however_tcp_cuts_it(
    name: str, server: FakeOllama, client: OllamaClient
) -> None:
    recorded = recording(name)
    path = recorded.request_line.split()[1]
    answers: list[object] = []
    for pieces in ways_to_cut(recorded.wire).values():
        server.answers[path] = reply(raw=pieces)
        try:
            answers.append(await _short_call(client, path))
        except ModelNotFound as error:
            answers.append(str(error))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]


@pytest.mark.anyio
async def test_recorded_list_of_models_is_read_in_full(
    server: FakeOllama, client: OllamaClient
) -> None:
    server.answers["/api/tags"] = reply(raw=recording("02-tags").wire)
    agent, gemma, smol = await client.tags()
    assert (agent.name, gemma.name, smol.name) == (
        "smol-agent:latest",
        "gemma3:270m",
        "smollm2:135m",
    )
    assert agent.capabilities == frozenset({"completion", "tools", "thinking"})
    assert (gemma.parameter_size, gemma.quantization) == ("268.10M", "Q4_K_M")
    assert (gemma.context_length, gemma.size_bytes, gemma.family) == (32_768, 253_113_180, "gemma3")
    assert smol.capabilities == frozenset({"completion"})
    assert smol.remote_host is None


@pytest.mark.anyio
async def test_recorded_details_of_models_are_read(
    server: FakeOllama, client: OllamaClient
) -> None:
    server.answers["/api/show"] = reply(raw=recording("05-show-tools-thinking").wire)
    details = await client.show("smol-agent")
    assert details.capabilities == frozenset({"completion", "tools", "thinking"})
    assert (details.architecture, details.context_length) == ("llama", 8192)
    assert details.model_info["llama.block_count"] == 30
    assert "{{" in details.template
    server.answers["/api/ps"] = reply(raw=recording("13-ps-loaded").wire)
    (running,) = await client.ps()
    assert (running.name, running.context_length, running.vram_bytes) == (
        "smol-agent:latest",
        4096,
        0,
    )
    server.answers["/api/version"] = reply(raw=recording("01-version").wire)
    assert await client.version() == "0.33.0-rc2"


async def _short_call(client: OllamaClient, path: str) -> object:
    match path:
        case "/api/version":
            return await client.version()
        case "/api/tags":
            return await client.tags()
        case "/api/ps":
            return await client.ps()
        case _:
            return await client.show("smollm2:135m")


def _joined(recorded: Recording, kind: str) -> str:
    return "".join((record.get("message") or {}).get(kind, "") for record in recorded.records)
