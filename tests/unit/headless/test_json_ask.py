"""A JSON request on its way: what is sent, what is written, what goes wrong."""

from __future__ import annotations

import json

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model, reply
from tests.unit.headless.asking import SEATTLE, TIME, WEATHER, Asker
from vtcode_tui.errors import ConfigError, ModelNotFound, StreamBroken, ToolCallUnreadable
from vtcode_tui.headless.output import OutputFormat

HELLO = {"role": "user", "content": "Hello"}
PLAIN = {"model": "qwen3:1.7b", "messages": [HELLO]}
WITH_TOOLS = {**PLAIN, "tools": [WEATHER, TIME]}
CALL = ("get_weather", SEATTLE)
WRITTEN = json.dumps({"name": "get_weather", "arguments": SEATTLE})


def test_the_request_is_sent_as_it_is_with_arguments_as_objects(
    server: FakeOllama, ask: Asker
) -> None:
    call = {"id": "c1", "function": {"name": "get_weather", "arguments": json.dumps(SEATTLE)}}
    messages = [
        {"role": "system", "content": "Be brief."},
        HELLO,
        {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]
    options = {"temperature": 0, "num_ctx": 2048}
    asked = ask({**WITH_TOOLS, "messages": messages, "options": options, "keep_alive": 30})
    assert asked.is_done
    (body,) = ask.sent
    assert body["options"] == options
    assert body["keep_alive"] == "30s"
    assert [tool["function"]["name"] for tool in body["tools"]] == ["get_weather", "get_time"]
    system, user, assistant, tool = body["messages"]
    assert (system["content"], user) == ("Be brief.", HELLO)
    assert assistant["tool_calls"][0]["function"]["arguments"] == SEATTLE
    assert tool["tool_name"] == "get_weather"


def test_what_the_request_leaves_open_is_as_configured(server: FakeOllama, ask: Asker) -> None:
    ask.toml = '[agent]\nreasoning_effort = "low"\n[providers.ollama]\nnum_ctx = 1024\n'
    ask(PLAIN)
    assert ask.sent[0]["options"] == {"num_ctx": 1024}
    assert ask.sent[0]["think"] is True
    ask({**PLAIN, "think": False, "options": {"seed": 1}})
    assert ask.sent[0]["options"] == {"num_ctx": 1024, "seed": 1}
    assert ask.sent[0]["think"] is False


def test_the_model_is_the_requests_own_before_the_configured_one(
    server: FakeOllama, ask: Asker
) -> None:
    ask.toml = '[agent]\ndefault_model = "llama3:8b"\n'
    assert ask(PLAIN).answer["model"] == "qwen3:1.7b"
    assert ask({"messages": [HELLO]}).answer["model"] == "llama3:8b"


def test_no_model_at_all_is_an_error(server: FakeOllama, ask: Asker) -> None:
    asked = ask({"messages": [HELLO]})
    assert isinstance(asked.error, ConfigError)
    assert "No model is chosen" in asked.error.what
    assert asked.error.advice == 'Run: vtcode-tui --model llama3:8b ask "..."'
    server.models.clear()
    asked = ask({"messages": [HELLO]})
    assert asked.error is not None
    assert asked.error.advice.startswith("Get one: vtcode-tui models pull qwen3:1.7b\nThen run: ")


def test_a_format_goes_on_the_wire(server: FakeOllama, ask: Asker) -> None:
    server.script(reply('{"a": 1}'))
    asked = ask({**PLAIN, "format": {"type": "object"}})
    assert ask.sent[0]["format"] == {"type": "object"}
    assert asked.message["content"] == '{"a": 1}'


def test_a_conversation_in_words_for_a_model_without_tools(server: FakeOllama, ask: Asker) -> None:
    call = {"function": {"name": "get_weather", "arguments": SEATTLE}}
    messages = [
        HELLO,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_name": "get_weather", "content": "rain"},
    ]
    ask({**WITH_TOOLS, "model": "llama3:8b", "messages": messages})
    (body,) = ask.sent
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert "rain" in body["messages"][-1]["content"]


def test_with_text_tools_off_a_model_without_tools_can_still_be_held_to_a_call(
    server: FakeOllama, ask: Asker
) -> None:
    ask.toml = '[agent]\ntext_tools = "off"\n'
    server.script(reply("Sunny."), reply(WRITTEN))
    asked = ask({**WITH_TOOLS, "model": "llama3:8b", "tool_choice": "required"})
    assert asked.calls == [CALL]
    assert "cannot call tools" in asked.stderr


@pytest.mark.parametrize("form", ["text", "json", "stream-json"])
def test_a_call_that_does_not_fit_stays_the_text_that_it_is(
    server: FakeOllama, ask: Asker, form: OutputFormat
) -> None:
    text = '<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>'
    server.script(reply(text))
    asked = ask(WITH_TOOLS, form)
    assert asked.is_done
    assert text in asked.stdout.replace('\\"', '"')
    assert "tool_calls" not in asked.stdout


def test_a_call_of_another_tool_does_not_keep_a_pinned_choice(
    server: FakeOllama, ask: Asker
) -> None:
    pinned = {"type": "function", "function": {"name": "get_weather"}}
    server.script(reply(calls=[("get_time", {})]), reply(WRITTEN))
    asked = ask({**WITH_TOOLS, "tool_choice": pinned})
    assert asked.calls == [CALL]
    assert "left out" in asked.stderr


def test_a_level_of_thinking_stays_when_a_reply_is_held_to_a_schema(
    server: FakeOllama, ask: Asker
) -> None:
    server.models.append(installed_model("gpt-oss:20b", "tools", "thinking", family="gptoss"))
    server.script(reply("Sunny."), reply(WRITTEN))
    request = {**WITH_TOOLS, "model": "gpt-oss:20b", "tool_choice": "required", "think": "low"}
    assert ask(request).calls == [CALL]
    assert [body["think"] for body in ask.sent] == ["low", "low"]


def test_an_owed_call_cut_off_twice_says_how_to_get_more(server: FakeOllama, ask: Asker) -> None:
    server.script(reply("It", done_reason="length"), reply('{"na', done_reason="length"))
    asked = ask({**WITH_TOOLS, "tool_choice": "required"})
    assert asked.error is not None
    assert "num_predict" in asked.error.advice


# What is written


def test_text_streams_and_names_the_calls_beside_it(server: FakeOllama, ask: Asker) -> None:
    server.script(reply("I look.", calls=[CALL]))
    asked = ask(WITH_TOOLS, "text")
    assert asked.stdout == "I look.\n"
    assert 'calls get_weather {"location":"Seattle"}' in asked.stderr


def test_stream_json_has_a_line_for_each_delta_then_the_calls_then_the_end(
    server: FakeOllama, ask: Asker
) -> None:
    server.script(reply(tokens=["I ", "look."], thinking="Hm.", calls=[CALL]))
    lines = ask(WITH_TOOLS, "stream-json").lines
    deltas, (calls, end) = lines[:-2], lines[-2:]
    assert "".join(line["message"].get("thinking", "") for line in deltas) == "Hm."
    assert "".join(line["message"]["content"] for line in deltas) == "I look."
    assert calls["message"]["tool_calls"][0]["function"]["arguments"] == SEATTLE
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert end["message"] == {"role": "assistant", "content": ""}
    assert (end["done_reason"], end["eval_count"] > 0) == ("stop", True)
    assert end["eval_duration"] > 1_000_000
    assert end["total_duration"] >= end["eval_duration"]


def test_stream_json_shows_nothing_of_a_reply_that_does_not_keep_the_choice(
    server: FakeOllama, ask: Asker
) -> None:
    server.script(reply("It is sunny."), reply(WRITTEN))
    lines = ask({**WITH_TOOLS, "tool_choice": "required"}, "stream-json").lines
    assert "".join(line["message"]["content"] for line in lines) == ""
    assert sum("tool_calls" in line["message"] for line in lines) == 1


def test_stream_json_hides_a_call_that_was_written_as_text(server: FakeOllama, ask: Asker) -> None:
    server.script(reply(f"I look.\n<tool_call>{WRITTEN}</tool_call>"))
    lines = ask(WITH_TOOLS, "stream-json").lines
    assert "".join(line["message"]["content"] for line in lines).strip() == "I look."
    assert sum("tool_calls" in line["message"] for line in lines) == 1


@pytest.mark.parametrize(
    ("form", "stdout"),
    [("text", "one two \n"), ("json", ""), ("stream-json", None)],
)
def test_a_broken_reply_fails_in_each_form(
    server: FakeOllama, ask: Asker, form: OutputFormat, stdout: str | None
) -> None:
    server.script(reply("one two three", cut_after=2))
    asked = ask(PLAIN, form)
    assert isinstance(asked.error, StreamBroken)
    if stdout is None:
        assert "incomplete" in asked.lines[-1]["error"]
    else:
        assert asked.stdout == stdout


@pytest.mark.parametrize("form", ["json", "stream-json"])
def test_a_prompt_is_answered_in_json_too(
    server: FakeOllama, ask: Asker, form: OutputFormat
) -> None:
    ask.toml = '[agent]\ndefault_model = "qwen3:1.7b"\n'
    server.script(reply("Blue.", thinking="Hm."))
    asked = ask("Why is the sky blue?", form)
    assert asked.is_done
    if form == "json":
        assert asked.message == {"role": "assistant", "content": "Blue.", "thinking": "Hm."}
        assert asked.answer["eval_count"] > 0
    else:
        assert "".join(line["message"]["content"] for line in asked.lines) == "Blue."
        assert asked.lines[-1]["done"] is True


def test_an_answer_at_the_output_limit_says_so(server: FakeOllama, ask: Asker) -> None:
    server.script(reply("one two", done_reason="length"))
    assert ask(PLAIN).answer["done_reason"] == "length"


# What goes wrong


def test_a_reply_that_says_nothing_twice_is_a_failure(server: FakeOllama, ask: Asker) -> None:
    server.script(reply(thinking="hm"), reply(""))
    asked = ask(WITH_TOOLS)
    assert asked.is_done is False
    assert len(ask.sent) == 2
    assert "no answer again" in asked.stderr


def test_a_call_the_server_cannot_read_is_tried_once_more(server: FakeOllama, ask: Asker) -> None:
    fault = reply(status=500, error="error parsing tool call: raw='{'")
    server.script(fault, reply(calls=[CALL]))
    asked = ask(WITH_TOOLS)
    assert asked.calls == [CALL]
    assert "Trying again" in asked.stderr
    server.script(fault, fault)
    assert isinstance(ask(WITH_TOOLS).error, ToolCallUnreadable)


def test_an_unknown_model_is_an_error(ask: Asker) -> None:
    assert isinstance(ask({**PLAIN, "model": "nobody:1b"}).error, ModelNotFound)


def test_a_request_that_is_not_valid_sends_nothing(server: FakeOllama, ask: Asker) -> None:
    asked = ask({**PLAIN, "stream": 1})
    assert isinstance(asked.error, ConfigError)
    assert server.requests == []
