"""A JSON request to each kind of model, for each ``tool_choice``, streaming and not: every cell a test."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.model_kinds import KINDS, ModelKind
from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.unit.headless.asking import SEATTLE, TIME, WEATHER, Asker

pytestmark = [
    pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label),
    pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"]),
]

CALL = ("get_weather", SEATTLE)
WRITTEN = json.dumps({"name": "get_weather", "arguments": SEATTLE})
PINNED = {"type": "function", "function": {"name": "get_weather"}}


def request(kind: ModelKind, stream: bool, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "What's the weather in Seattle?"}]
    return {
        "model": kind.model,
        "messages": messages,
        "tools": [WEATHER, TIME],
        "stream": stream,
        **more,
    }


def call_by(kind: ModelKind) -> Reply:
    """A reply with a call in the kind's own way."""
    if kind.takes_tools:
        return reply(calls=[CALL])
    return reply(f"<tool_call>\n{WRITTEN}\n</tool_call>")


def answered(ask: Asker, kind: ModelKind) -> list[dict[str, Any]]:
    """What was sent but for the probe that an old server refuses."""
    return ask.sent[1:] if kind.is_old and "tools" in ask.sent[0] else ask.sent


def told(body: dict[str, Any]) -> list[str]:
    """The names of the tools that a request tells of, in whichever way."""
    tools = [tool["function"]["name"] for tool in body.get("tools", [])]
    system = body["messages"][0]
    words = system["content"] if system["role"] == "system" else ""
    return tools + [name for name in ("get_weather", "get_time") if f"- {name}(" in words]


def test_a_chat(kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker) -> None:
    kind.put_on(server)
    server.script(reply("Hello you.", thinking="Hm." if kind.thinks_natively else ""))
    asked = ask({**request(kind, stream), "tools": None})
    assert asked.is_done
    assert asked.message["content"] == "Hello you."
    assert asked.message.get("thinking", "") == ("Hm." if kind.thinks_natively else "")
    assert (asked.answer["model"], asked.answer["done_reason"]) == (kind.model, "stop")
    assert asked.answer["prompt_eval_count"] == 120
    (body,) = ask.sent
    assert (body["stream"], body["model"], told(body)) == (stream, kind.model, [])


@pytest.mark.parametrize("think", [None, False, True, "high"])
def test_thinking_is_forwarded_and_left_out_where_it_is_refused(
    kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker, think: bool | str | None
) -> None:
    kind.put_on(server)
    asked = ask({**request(kind, stream), "tools": None, "think": think})
    assert asked.is_done
    is_refused = bool(think) and not kind.thinks_natively
    assert ask.sent[-1].get("think") == (None if is_refused else think)
    assert ("cannot think" in asked.stderr) is is_refused


def test_auto_with_an_answer(kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker) -> None:
    kind.put_on(server)
    server.script(reply("I do not know."))
    asked = ask(request(kind, stream, tool_choice="auto"))
    assert (asked.is_done, asked.message["content"], asked.calls) == (True, "I do not know.", [])
    (body,) = answered(ask, kind)
    assert told(body) == ["get_weather", "get_time"]
    assert ("tools" in body) is kind.takes_tools


def test_auto_with_a_call(kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker) -> None:
    kind.put_on(server)
    server.script(call_by(kind))
    asked = ask(request(kind, stream))
    assert (asked.is_done, asked.message["content"], asked.calls) == (True, "", [CALL])
    assert asked.message["tool_calls"][0]["id"]


def test_auto_with_a_call_that_was_written_as_text(
    kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker
) -> None:
    kind.put_on(server)
    server.script(reply(f"```json\n{WRITTEN}\n```"))
    asked = ask(request(kind, stream))
    assert (asked.is_done, asked.message["content"], asked.calls) == (True, "", [CALL])
    assert "recovered" in asked.stderr


def test_none_offers_no_tools_and_gives_no_calls(
    kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker
) -> None:
    kind.put_on(server)
    server.script(reply(f"Like so: {WRITTEN}", calls=[CALL] if kind.takes_tools else []))
    asked = ask(request(kind, stream, tool_choice="none"))
    assert (asked.is_done, asked.calls) == (True, [])
    assert asked.message["content"] == f"Like so: {WRITTEN}"
    (body,) = ask.sent
    assert (told(body), "tools" in body) == ([], False)


@pytest.mark.parametrize("choice", ["required", PINNED], ids=["required", "function"])
def test_a_call_that_is_owed_and_comes(
    kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker, choice: Any
) -> None:
    kind.put_on(server)
    server.script(call_by(kind))
    asked = ask(request(kind, stream, tool_choice=choice))
    assert (asked.is_done, asked.calls) == (True, [CALL])
    (body,) = answered(ask, kind)
    assert told(body) == (["get_weather"] if choice is PINNED else ["get_weather", "get_time"])
    assert "tool_choice" not in body


@pytest.mark.parametrize("choice", ["required", PINNED], ids=["required", "function"])
def test_a_call_that_is_owed_is_had_by_a_second_try_held_to_its_schema(
    kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker, choice: Any
) -> None:
    kind.put_on(server)
    thinking = "It rains." if kind.thinks_natively else ""
    server.script(reply("It is sunny.", thinking=thinking), reply(WRITTEN, prompt_tokens=77))
    asked = ask(request(kind, stream, tool_choice=choice))
    assert (asked.is_done, asked.message["content"], asked.calls) == (True, "", [CALL])
    assert asked.answer["prompt_eval_count"] == 77
    first, second = answered(ask, kind)
    assert "format" not in first
    assert ("tools" in second, second["stream"]) == (False, stream)
    schemas = [second["format"]] if choice is PINNED else second["format"]["anyOf"]
    assert schemas[0]["properties"]["name"]["enum"] == ["get_weather"]
    assert schemas[0]["properties"]["arguments"] == WEATHER["function"]["parameters"]
    assert told(second) == told(first)
    assert second["think"] is False


@pytest.mark.parametrize("choice", ["required", PINNED], ids=["required", "function"])
def test_a_call_that_is_owed_and_never_comes_is_a_clear_failure(
    kind: ModelKind, stream: bool, server: FakeOllama, ask: Asker, choice: Any
) -> None:
    kind.put_on(server)
    server.script(reply("It is sunny."), reply('{"name": "get_weather", "arguments": {'))
    asked = ask(request(kind, stream, tool_choice=choice))
    assert asked.stdout == ""
    assert asked.error is not None
    assert "as tool_choice wants it" in asked.error.what
    assert ("get_weather" in asked.error.what) is (choice is PINNED)
    assert asked.error.advice
