"""llama.cpp's chunks become the lines that an Ollama server would send."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.unit.embedded.backends import delta, end, recorded
from vtcode_tui.embedded.faults import ApiFault
from vtcode_tui.embedded.translation import ReplyTranslator, whole_reply, without_messages


def translator() -> ReplyTranslator:
    numbers = itertools.count(1)
    return ReplyTranslator("m:1", lambda: "now", lambda: f"call_{next(numbers)}")


def lines_of(chunks: list[bytes]) -> list[Any]:
    reply = translator()
    lines = [line for chunk in chunks for line in reply.feed(chunk)]
    return [*lines, *reply.finish(total_ns=9, waited_ns=1)]


def joined(lines: list[Any], name: str) -> str:
    return "".join(line["message"].get(name, "") for line in lines)


def calls_in(lines: list[Any]) -> list[Any]:
    return [call for line in lines for call in line["message"].get("tool_calls", [])]


def test_thinking_comes_as_deltas_and_the_call_whole_with_an_object() -> None:
    lines = lines_of(recorded("thinking_and_call"))
    assert joined(lines, "thinking") == "The user wants to read a file. I call read_file.\n"
    assert joined(lines, "content") == ""
    assert calls_in(lines) == [
        {
            "id": "call_1",
            "function": {"index": 0, "name": "read_file", "arguments": {"path": "README.md"}},
        }
    ]
    assert all(line["model"] == "m:1" and line["created_at"] == "now" for line in lines)


def test_only_the_last_line_is_done_and_has_the_counters_in_nanoseconds() -> None:
    chunks = recorded("thinking_and_call")
    timings = json.loads(chunks[-1])["timings"]
    *before, last = lines_of(chunks)
    assert not any(line["done"] for line in before)
    assert last["done"] is True
    assert last["done_reason"] == "stop"
    assert last["prompt_eval_count"] == timings["prompt_n"] + timings["cache_n"]
    assert last["eval_count"] == timings["predicted_n"]
    assert last["eval_duration"] == int(timings["predicted_ms"] * 1_000_000)
    assert (last["total_duration"], last["load_duration"]) == (9, 1)


def test_an_answer_without_thinking_has_content_only() -> None:
    lines = lines_of(recorded("result_without_thinking"))
    assert joined(lines, "thinking") == ""
    assert joined(lines, "content").strip()
    assert calls_in(lines) == []


def test_an_answer_that_tells_a_result_ends_with_its_first_line() -> None:
    reply = ReplyTranslator("m:1", lambda: "now", str, is_one_line=True)
    chunks = [delta(content=text) for text in ("\n\n", "Result: ok", ".\n1000", "0000")]
    lines: list[Any] = []
    for chunk in chunks:
        lines += reply.feed(chunk)
        if reply.is_over:
            break
    assert joined(lines, "content") == "Result: ok."
    assert reply.is_over


def test_progress_of_reading_the_prompt_makes_no_line() -> None:
    progress = [c for c in recorded("thinking_and_call") if b"prompt_progress" in c]
    reply = translator()
    assert progress
    assert [line for chunk in progress for line in reply.feed(chunk)] == []


def test_a_call_that_the_limit_cut_is_dropped_and_those_before_it_are_kept() -> None:
    lines = lines_of(recorded("two_calls_cut_by_length"))
    calls = calls_in(lines)
    assert [call["function"]["index"] for call in calls] == [0, 1]
    assert all(isinstance(call["function"]["arguments"], dict) for call in calls)
    assert len({call["id"] for call in calls}) == 2
    assert lines[-1]["done_reason"] == "length"


def test_a_call_goes_out_as_soon_as_the_next_one_begins() -> None:
    reply = translator()
    first = {"index": 0, "function": {"name": "a", "arguments": "{}"}}
    second = {"index": 1, "function": {"name": "b", "arguments": "{}"}}
    assert reply.feed(delta(tool_calls=[first])) == []
    assert [c["function"]["name"] for c in calls_in(reply.feed(delta(tool_calls=[second])))] == [
        "a"
    ]


@pytest.mark.parametrize("arguments", ["{", "[1]", "7", '"x"', "nonsense"])
def test_arguments_that_are_no_object_drop_the_call(arguments: str) -> None:
    piece = {"index": 0, "function": {"name": "a", "arguments": arguments}}
    assert calls_in(lines_of([delta(tool_calls=[piece]), end()])) == []


def test_a_call_without_arguments_has_an_empty_object() -> None:
    piece = {"index": 0, "function": {"name": "a", "arguments": ""}}
    calls = calls_in(lines_of([delta(tool_calls=[piece]), end()]))
    assert [call["function"]["arguments"] for call in calls] == [{}]


def test_a_zero_counter_is_left_out() -> None:
    last = lines_of([end(prompt_n=0, prompt_ms=0.0, predicted_n=2, predicted_ms=1.5)])[-1]
    assert "prompt_eval_count" not in last
    assert "prompt_eval_duration" not in last
    assert (last["eval_count"], last["eval_duration"]) == (2, 1_500_000)


def test_a_reply_that_is_not_streamed_is_all_lines_in_one() -> None:
    lines = lines_of(recorded("thinking_and_call"))
    whole: Any = whole_reply(lines)
    assert whole["message"]["thinking"] == joined(lines, "thinking")
    assert whole["message"]["tool_calls"] == calls_in(lines)
    assert whole["done"] is True
    assert whole["eval_count"] == lines[-1]["eval_count"]


def test_a_prompt_over_the_window_is_refused_as_an_ollama_server_does() -> None:
    with pytest.raises(ApiFault) as caught:
        lines_of(recorded("prompt_too_long"))
    assert caught.value.status == 400
    error = json.loads(caught.value.text)["error"]
    assert error["type"] == "exceed_context_size_error"
    assert error["n_prompt_tokens"] > error["n_ctx"]


@pytest.mark.parametrize(
    ("chunk", "status", "text"),
    [
        (b'{"error": {"code": 503, "message": "busy"}}', 503, "busy"),
        (b'{"error": {"code": 200, "message": "odd"}}', 500, "odd"),
        (b'{"error": "flat"}', 500, "the model gave no answer"),
        (b"[]", 500, "the model gave no answer"),
    ],
)
def test_an_error_chunk_becomes_a_fault(chunk: bytes, status: int, text: str) -> None:
    with pytest.raises(ApiFault) as caught:
        translator().feed(chunk)
    assert (caught.value.status, caught.value.text) == (status, text)


@pytest.mark.parametrize(("is_unload", "reason"), [(False, "load"), (True, "unload")])
def test_no_messages_load_or_let_go(is_unload: bool, reason: str) -> None:
    line = without_messages("m:1", "now", is_unload=is_unload)
    assert line["done"] is True
    assert line["done_reason"] == reason
