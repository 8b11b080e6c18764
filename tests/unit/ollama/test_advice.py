from __future__ import annotations

import json
from typing import Any

import pytest

from vtcode_tui.errors import (
    ContextOverflow,
    ModelLacksFeature,
    ModelNotFound,
    NotAuthorised,
    RequestRefused,
    ServerBusy,
    ServerError,
    StreamBroken,
    ToolCallUnreadable,
    UnexpectedReply,
)
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.advice import Asked, pull_error, refusal, stream_error
from vtcode_tui.ollama.faults import Unreachable, unreachable

LOCAL = Asked(parse_address("localhost"), "llama3:8b")
SIGN_IN = "A cloud model needs a server that is signed in: ollama signin"
CLOUD = Asked(parse_address("https://ollama.com"), "glm-9", installed=("glm-4.6", "gpt-oss:20b"))


def refused(status: int, words: str | None, asked: Asked = LOCAL, **fields: Any) -> ServerError:
    content = {**({} if words is None else {"error": words}), **fields}
    return refusal(status, json.dumps(content).encode(), asked)


MEMORY = "model requires more system memory (24.1 GiB) than is available (7.6 GiB)"
OVERFLOW = json.dumps(
    {
        "error": {
            "code": 400,
            "message": "request (610 tokens) exceeds the available context size (256 tokens)",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 610,
            "n_ctx": 256,
        }
    }
)
PLAIN_OVERFLOW = "the prompt is longer than the context length currently available to the model"
NO_IMAGES = '{"error":{"code":400,"message":"model does not support multimodal requests."}}'


CLOUD_OVERFLOW = "prompt too long; exceeded max context length by 4 tokens"
TOO_NEW = "error loading model architecture: unknown model architecture: 'gptoss'"
INCOMPATIBLE = (
    "this model may be incompatible with your version of Ollama. If you previously pulled"
)


@pytest.mark.parametrize(
    ("status", "words", "error_class", "says", "may_retry"),
    [
        (400, '"llama3:8b" does not support thinking', ModelLacksFeature, "effort", False),
        (
            400,
            "registry.ollama.ai/library/x does not support tools",
            ModelLacksFeature,
            "tools",
            False,
        ),
        (400, NO_IMAGES, ModelLacksFeature, "vision", False),
        (400, OVERFLOW, ContextOverflow, "610 tokens for a window of 256", False),
        (400, PLAIN_OVERFLOW, ContextOverflow, "num_ctx", False),
        (400, "model is required", RequestRefused, "model is required", False),
        (400, "invalid model name", RequestRefused, "ollama list", False),
        (401, "unauthorized", NotAuthorised, "ollama signin", False),
        (403, "ollama cloud is disabled: x", NotAuthorised, "local model", False),
        (403, None, NotAuthorised, "localhost", False),
        (404, "model 'llama3:8b' not found", ModelNotFound, "ollama pull llama3:8b", False),
        (404, 'model "llama3:8b" not found, try pulling it first', ModelNotFound, "pull", False),
        (404, "page not found", UnexpectedReply, "--base-url", False),
        (405, None, UnexpectedReply, "405", False),
        (413, "too large", RequestRefused, "/compact", False),
        (429, "usage limit", ServerBusy, "usage limit", False),
        (499, "request canceled", RequestRefused, "request canceled", False),
        (500, MEMORY, ServerError, "smaller model", False),
        (500, "error parsing tool call: raw='{'", ToolCallUnreadable, "second try", True),
        (
            500,
            "an error was encountered while running the model: EOF",
            ServerError,
            "memory",
            False,
        ),
        (500, "model runner has unexpectedly stopped", ServerError, "ollama ps", False),
        (
            500,
            'tensor "x" offset+size (4) exceeds file size (3)',
            ServerError,
            "ollama rm llama3:8b",
            False,
        ),
        (400, '"nomic-embed-text" does not support chat', ServerError, "models list", False),
        (400, CLOUD_OVERFLOW, ContextOverflow, "/compact", False),
        (
            400,
            "input length (9 tokens) exceeds the model's maximum context length (8 tokens)",
            ContextOverflow,
            "/compact",
            False,
        ),
        (
            500,
            "llama-server process has terminated: signal: killed",
            ServerError,
            "ollama ps",
            False,
        ),
        (500, "llama-server reported out-of-memory during startup", ServerError, "memory", False),
        (500, "timed out waiting for llama-server to start - ", ServerError, "LOAD_TIMEOUT", False),
        (
            500,
            f"llama runner process has terminated: {TOO_NEW}",
            ServerError,
            "newer Ollama",
            False,
        ),
        (500, INCOMPATIBLE, ServerError, "ollama pull llama3:8b", False),
        (500, "unable to load model: /blobs/sha256-ab", ServerError, "newer Ollama", False),
        (500, "XML syntax error on line 6: x", ToolCallUnreadable, "second try", True),
        (500, "incomplete GLM tool call: empty function name", ToolCallUnreadable, "try", True),
        (500, 'option "num_ctx" must be of type integer', ServerError, "num_ctx", False),
        (500, None, ServerError, "(500)", False),
        (502, "dial tcp: no such host", ServerBusy, "no such host", True),
        (503, "server busy, please try again.  maximum", ServerBusy, "busy", True),
        (503, None, ServerBusy, "503", True),
        (504, None, ServerBusy, "504", True),
    ],
)
def test_refusal_becomes_its_error_with_advice(
    status: int, words: str | None, error_class: type[ServerError], says: str, may_retry: bool
) -> None:
    error = refused(status, words)
    assert type(error) is error_class
    assert says in str(error)
    assert (error.status, error.may_retry) == (status, may_retry)
    assert error.advice


@pytest.mark.parametrize(
    ("words", "feature"),
    [
        ("x does not support thinking", "thinking"),
        ("x does not support tools", "tools"),
        (NO_IMAGES, "images"),
        ('invalid think value: "max" (must be "high", "medium", "low", true, or false)', "effort"),
        ('think value "low" is not supported for this model', "effort"),
        (
            "json: cannot unmarshal string into Go struct field ChatRequest.think of type bool",
            "effort",
        ),
    ],
)
def test_lacking_feature_has_its_name(words: str, feature: str) -> None:
    error = refused(400, words)
    assert isinstance(error, ModelLacksFeature)
    assert error.feature == feature


@pytest.mark.parametrize(
    ("retry_after", "may_retry", "says"),
    [
        ("30", True, "in 30 s"),
        ("86400", False, "in 24 h"),
        ("Sat, 28 Nov 2026 12:00:00 GMT", False, "after Sat, 28 Nov 2026 12:00:00 GMT"),
        ("soon\x1b[2J", False, "later"),
        ("", False, "later"),
        ("x", False, "later"),
    ],
)
def test_limit_is_tried_again_only_when_the_wait_is_short(
    retry_after: str, may_retry: bool, says: str
) -> None:
    error = refusal(429, b'{"error":"slow down"}', LOCAL, retry_after=retry_after)
    assert isinstance(error, ServerBusy)
    assert error.may_retry is may_retry
    assert says in error.advice


@pytest.mark.parametrize(
    ("model", "suggestion"),
    [
        ("gpt-oss-20b", "Did you mean gpt-oss:20b?\nGet it with: ollama pull gpt-oss:20b"),
        ("lama3:8b", "Did you mean llama3:8b?\nGet it with: ollama pull llama3:8b"),
        ("my-own:1", "Get it with: ollama pull my-own:1"),
        ("x; rm -rf ~", "Get it with: ollama pull 'x; rm -rf ~'"),
        ("gpt-9:cloud", f"{SIGN_IN}\nThen get it with: ollama pull gpt-9:cloud"),
    ],
)
def test_unknown_model_gets_the_command_that_helps(model: str, suggestion: str) -> None:
    asked = Asked(LOCAL.address, model)
    assert refused(404, f"model '{model}' not found", asked).advice == suggestion


def test_unknown_model_that_is_installed_under_another_name() -> None:
    asked = Asked(LOCAL.address, "mine-7b", installed=("mine:7b", "other:1b"))
    assert refused(404, "model 'mine-7b' not found", asked).advice == (
        "Did you mean mine:7b?\nOr get it with: ollama pull mine-7b"
    )


def test_unknown_model_at_the_cloud_gets_what_the_cloud_has() -> None:
    error = refused(404, "model 'glm-9' not found", CLOUD)
    assert "glm-4.6, gpt-oss:20b" in error.advice
    assert "ollama pull" not in error.advice


@pytest.mark.parametrize("words", ["model 'x' not found", None])
def test_page_of_a_gateway_is_not_taken_for_words_of_ollama(words: str | None) -> None:
    page = f"<html><body>{words or '502 Bad Gateway'}</body></html>".encode()
    assert type(refusal(404, page, LOCAL)) is UnexpectedReply
    assert type(refusal(502, page, LOCAL)) is ServerBusy
    assert "<" not in refusal(502, page, LOCAL).why


def test_page_of_a_gateway_is_told_by_its_title() -> None:
    page = b"<html>\n<head><TITLE>\n 502 Bad Gateway </TITLE></head><body>x</body></html>"
    assert refusal(502, page, LOCAL).why == "The server said: a web page: 502 Bad Gateway"


def test_retired_model_is_one_that_is_not_there() -> None:
    error = refused(410, "glm-4.6 was retired", CLOUD)
    assert isinstance(error, ModelNotFound)
    assert "is no longer on the server" in error.what
    assert "The service has: glm-4.6, gpt-oss:20b" in error.advice


@pytest.mark.parametrize(
    ("asked", "fields", "says"),
    [
        (LOCAL, {"signin_url": "https://ollama.com/connect?a=b"}, "https://ollama.com/connect?a=b"),
        (LOCAL, {}, "OLLAMA_API_KEY"),
        (CLOUD, {}, "Set OLLAMA_API_KEY"),
        (Asked(LOCAL.address, has_key=True), {}, "not accepted"),
    ],
)
def test_sign_in_advice_fits_the_server(asked: Asked, fields: dict[str, Any], says: str) -> None:
    error = refused(401, "unauthorized", asked, **fields)
    assert isinstance(error, NotAuthorised)
    assert says in error.advice


@pytest.mark.parametrize(
    ("error", "error_class", "words"),
    [
        ("boom", StreamBroken, "boom"),
        ({"code": 500, "message": "boom"}, StreamBroken, "boom"),
        ({"code": 500}, StreamBroken, "500"),
        (5, StreamBroken, "5"),
        (["x"], StreamBroken, "x"),
        ("", StreamBroken, "without a text"),
        ("model runner has unexpectedly stopped", StreamBroken, "unexpectedly"),
        (OVERFLOW, ContextOverflow, "window of 256"),
        ("{not json", StreamBroken, "{not json"),
        ("{" * 5000, StreamBroken, "{{{"),
        ('{"error":' * 2000 + "1" + "}" * 2000, StreamBroken, "error"),
        ("x" * 100_000, StreamBroken, "xxx"),
    ],
)
def test_error_line_of_any_form_becomes_an_error_of_bounded_size(
    error: object, error_class: type[ServerError], words: str
) -> None:
    got = stream_error(error, LOCAL)
    assert type(got) is error_class
    assert words in str(got)
    assert len(str(got)) < 1000


@pytest.mark.parametrize(
    ("words", "error_class", "says"),
    [
        ("pull model manifest: file does not exist", ModelNotFound, "llama3:8b"),
        ("digest mismatch, file must be downloaded again", ServerError, "ollama pull llama3:8b"),
        ("max retries exceeded: unexpected EOF", ServerError, "where it stopped"),
        ("dial tcp 1.2.3.4:443: connect: connection refused", ServerError, "network"),
        ("disk is full", ServerError, "disk is full"),
        ("write /blobs/x: no space left on device", ServerError, "ollama rm NAME"),
        ("pull model manifest: 412: requires a newer version of Ollama.", ServerError, "/download"),
    ],
)
def test_error_of_a_pull_says_how_to_go_on(
    words: str, error_class: type[ServerError], says: str
) -> None:
    got = pull_error(words, LOCAL)
    assert type(got) is error_class
    assert says in str(got)


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        ("localhost", Unreachable.REFUSED, "Start it with: ollama serve"),
        ("10.0.0.1", Unreachable.REFUSED, "OLLAMA_HOST=0.0.0.0 ollama serve"),
        ("https://ollama.com", Unreachable.REFUSED, "network connection"),
        ("https://10.0.0.1:11434", Unreachable.NO_TLS, "--base-url http://10.0.0.1:11434"),
        ("https://10.0.0.1", Unreachable.CERTIFICATE, "certificate"),
        ("myhost", Unreachable.UNKNOWN_HOST, "not known"),
        ("myhost", Unreachable.UNKNOWN_HOST, "Check how it is written"),
        ("myhost", Unreachable.CONNECT_TIMEOUT, "Timed out"),
        ("myhost", Unreachable.OTHER, "detail"),
    ],
)
def test_unreachable_server_gets_the_command_for_its_place(
    text: str, reason: Unreachable, says: str
) -> None:
    address = parse_address(text)
    error = unreachable(address, reason, "detail")
    assert says in str(error)
    assert address.url in error.what


def test_a_spelling_that_is_no_name_of_ollamas_is_not_to_be_pulled() -> None:
    asked = Asked(parse_address(""), "gpt-oss-20b", installed=("gpt-oss:20b",))
    error = refusal(404, b'{"error":"model \'gpt-oss-20b\' not found"}', asked)
    assert error.advice == "Did you mean gpt-oss:20b?"


def test_a_model_whose_files_are_gone_is_not_taken_for_another_one() -> None:
    words = 'model "qwen3" not found, try pulling it first'
    asked = Asked(LOCAL.address, "qwen3", installed=("qwen3:latest",))
    error = refusal(404, json.dumps({"error": words}).encode(), asked)
    assert error.advice == "Get it with: ollama pull qwen3"
