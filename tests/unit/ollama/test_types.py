from __future__ import annotations

import pytest

from tests.unit.ollama.recordings import recording
from vtcode_tui.conversation.messages import (
    AssistantMessage,
    JsonObject,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.ollama.types import ChatRequest, ToolSpec, message_to_json


def spec(name: str, description: str, argument: str) -> ToolSpec:
    parameters: JsonObject = {
        "type": "object",
        "required": [argument],
        "properties": {argument: {"type": "string"}},
    }
    return ToolSpec(name, description, parameters)


TOOLS = (spec("get_weather", "Get weather", "city"), spec("read_file", "Read a file", "path"))
READ_MAIN = ToolCall("call_m1shwc4e", "read_file", {"path": "main.py"})
PARIS = ToolCall("call_abcd1234", "get_weather", {"city": "Paris"})

TURN_1 = ChatRequest(
    "gemma-agent:v3",
    (SystemMessage("You are a coding agent."), UserMessage("Read main.py")),
    TOOLS,
    think=True,
    options={"num_predict": 90},
)
TURN_2 = ChatRequest(
    "gemma-agent:v3",
    (
        *TURN_1.messages,
        AssistantMessage(
            thinking="The user wants to read main.py. I call read_file.", tool_calls=(READ_MAIN,)
        ),
        ToolResultMessage("call_m1shwc4e", "read_file", "hello world"),
    ),
    TOOLS,
    think=True,
    options={"num_predict": 90},
)
ROUND_TRIP = ChatRequest(
    "smol-agent",
    (
        UserMessage("Weather in Paris?"),
        AssistantMessage(thinking="They want the weather in Paris.", tool_calls=(PARIS,)),
        ToolResultMessage("call_abcd1234", "get_weather", "18 C and sunny"),
    ),
    think=True,
    options={"num_predict": 60},
)


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("92-agent-turn1-think-toolcall", TURN_1),
        ("93-agent-turn2-after-tool-result", TURN_2),
        ("34-tool-result-roundtrip", ROUND_TRIP),
    ],
)
def test_request_is_the_one_that_a_real_server_took(name: str, request_: ChatRequest) -> None:
    assert request_.to_json() == {**recording(name).request_body, "stream": True}


def test_what_is_not_set_is_not_sent() -> None:
    body = ChatRequest("m", (UserMessage("hi"), AssistantMessage("ho"))).to_json()
    assert body == {
        "model": "m",
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "ho"},
        ],
        "stream": True,
    }


def test_what_is_set_to_false_or_zero_is_sent() -> None:
    body = ChatRequest(
        "m", (), think=False, keep_alive=0, truncate=False, shift=False, stream=False, format="json"
    ).to_json()
    assert body == {
        "model": "m",
        "messages": [],
        "stream": False,
        "think": False,
        "keep_alive": 0,
        "truncate": False,
        "shift": False,
        "format": "json",
    }


def test_images_and_calls_without_an_id_keep_their_form() -> None:
    messages = (
        UserMessage("x", images=("aGVsbG8=",)),
        AssistantMessage(tool_calls=(ToolCall("", "a"), ToolCall("", "b"))),
        ToolResultMessage("", "a", "done"),
    )
    user, assistant, result = (message_to_json(message) for message in messages)
    assert user == {"role": "user", "content": "x", "images": ["aGVsbG8="]}
    assert assistant == {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"function": {"index": 0, "name": "a", "arguments": {}}},
            {"function": {"index": 1, "name": "b", "arguments": {}}},
        ],
    }
    assert result == {"role": "tool", "tool_name": "a", "content": "done"}
