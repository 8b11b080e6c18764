"""The body of a chat request is read, and refused with an Ollama server's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vtcode_tui.embedded.chat_request import ChatOrder, check_model, parse_body, read_chat
from vtcode_tui.embedded.faults import ApiFault
from vtcode_tui.embedded.model_card import MODEL_NAME

CAPTURES = Path(__file__).parents[2] / "captures"


def refusal(body: bytes) -> ApiFault:
    with pytest.raises(ApiFault) as caught:
        read(body)
    return caught.value


def read(body: bytes) -> ChatOrder:
    record = parse_body(body)
    check_model(record)
    return read_chat(record)


def order_json(**fields: Any) -> bytes:
    return json.dumps({"model": MODEL_NAME, "messages": [], **fields}).encode()


def captured(name: str) -> tuple[bytes, str]:
    """The body of a recorded request, for the built-in model, and the recorded error's text."""
    body = (CAPTURES / f"{name}.req").read_bytes().split(b"\n", 1)[1].strip()
    for model in (b"smollm2:135m", b"smol-agent"):
        body = body.replace(model, MODEL_NAME.encode())
    answer = (CAPTURES / f"{name}.http").read_bytes().split(b"\r\n\r\n", 1)[1]
    return body, json.loads(answer)["error"]


@pytest.mark.parametrize(
    "name",
    [
        "25-think-bad-string-400",
        "37-tools-arguments-as-string-400",
        "40-unknown-model-404",
        "41-malformed-json-400",
        "42-empty-body-400",
        "43-missing-model-400",
    ],
)
def test_a_refusal_has_the_words_of_the_recorded_one(name: str) -> None:
    body, text = captured(name)
    fault = refusal(body)
    assert fault.text == text
    assert fault.status == int(name.rsplit("-", 1)[1])


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"7",
        b"\xff",
        b"{" * 100_000,
        b"[" * 100_000,
        order_json(messages="hi"),
        order_json(messages=["hi"]),
        order_json(messages=[{"role": 7}]),
        order_json(messages=[{"role": "user", "content": {}}]),
        order_json(messages=[{"role": "assistant", "tool_calls": [{}]}]),
        order_json(tools={}),
        order_json(tools=[{"function": {}}]),
        order_json(think=7),
        order_json(think={"a": 1}),
        order_json(format="xml"),
        order_json(options=[]),
    ],
)
def test_a_body_of_a_wrong_shape_is_refused(body: bytes) -> None:
    assert refusal(body).status == 400


def test_an_image_is_refused_with_a_json_text() -> None:
    fault = refusal(order_json(messages=[{"role": "user", "content": "x", "images": ["aGk="]}]))
    assert "does not support multimodal" in json.loads(fault.text)["error"]["message"]


@pytest.mark.parametrize("options", [{"temperature": "hot"}, {"seed": True}, {"stop": [7]}])
def test_an_option_of_a_wrong_type_is_refused(options: dict[str, Any]) -> None:
    assert "option" in refusal(order_json(options=options)).text


@pytest.mark.parametrize(
    ("think", "thinks"),
    [(None, True), (True, True), (False, False), ("low", True), ("max", True)],
)
def test_it_thinks_unless_it_is_told_not_to(think: Any, thinks: bool) -> None:
    assert read_chat(parse_body(order_json(think=think))).thinks is thinks


def test_messages_tools_and_options_are_read() -> None:
    call = {"function": {"name": "read_file", "arguments": {"path": "a"}}}
    body = order_json(
        messages=[
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_name": "read_file", "content": "text"},
        ],
        tools=[{"type": "function", "function": {"name": "read_file", "parameters": {}}}],
        stream=False,
        options={"num_predict": 5, "num_ctx": 8192, "stop": "END"},
    )
    order = read_chat(parse_body(body))
    assert order.messages[0].calls == (("read_file", {"path": "a"}),)
    assert order.messages[1].content == "text"
    assert len(order.tools) == 1
    assert not order.streams
    assert order.options == {"num_predict": 5}
    assert order.stop == ("END",)


@pytest.mark.parametrize("keep_alive", [0, "0", "0s"])
def test_a_keep_alive_of_nothing_lets_go_of_the_model(keep_alive: Any) -> None:
    assert read_chat(parse_body(order_json(keep_alive=keep_alive))).is_unload


def test_the_models_name_is_found_in_any_case() -> None:
    check_model({"model": MODEL_NAME.upper()})
