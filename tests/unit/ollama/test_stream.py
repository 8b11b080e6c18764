from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.ollama.collecting import Collected
from vtcode_tui.errors import ServerError, StreamBroken, UnexpectedReply
from vtcode_tui.ollama.stream import (
    ANSWER_CAP_CHARACTERS,
    CALLS_CAP,
    LINE_CAP_BYTES,
    ChatParser,
    NdjsonSplitter,
)
from vtcode_tui.ollama.types import CallsPart, ContentPart, DonePart, ThinkingPart


def new_parser() -> ChatParser:
    numbers = itertools.count(1)
    return ChatParser(
        explain=lambda error: ServerError(f"explained: {error}"),
        new_call_id=lambda: f"made_{next(numbers)}",
    )


def line(content: str = "", *, done: bool = False, **message: Any) -> bytes:
    record = {"message": {"role": "assistant", "content": content, **message}, "done": done}
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def call(name: Any = "read_file", arguments: Any = None, call_id: Any = None) -> dict[str, Any]:
    wire: dict[str, Any] = {"function": {"name": name, "arguments": arguments or {}}}
    return wire if call_id is None else {"id": call_id, **wire}


def read(*pieces: bytes) -> Collected:
    parser = new_parser()
    collected = Collected()
    for piece in pieces:
        for part in parser.feed(piece):
            collected.take(part)
    for part in parser.finish():
        collected.take(part)
    collected.error = parser.fault
    return collected


DONE = line(done=True)


class TestSplitting:
    def test_lines_end_at_line_feeds_alone(self) -> None:
        splitter = NdjsonSplitter()
        text = '{"a":"x\u2028y\u0085z\u000b"}'.encode()
        assert splitter.feed(text + b"\n{}\r\n") == [text, b"{}\r"]

    def test_open_line_waits_for_its_end(self) -> None:
        splitter = NdjsonSplitter()
        assert splitter.feed(b'{"a"') == []
        assert splitter.feed(b":1}") == []
        assert splitter.feed(b"\n\n  \n{}\n{") == [b'{"a":1}', b"{}"]
        assert splitter.finish() == [b"{"]
        assert splitter.finish() == []

    def test_dribbled_bytes_and_blank_lines_are_no_progress(self) -> None:
        splitter = NdjsonSplitter()
        start = splitter.progress
        for piece in (b"\n\n", b"   ", b"\n", b"{", b'"', b"a" * 900):
            splitter.feed(piece)
            assert splitter.progress == start
        splitter.feed(b"a" * 200)
        assert splitter.progress != start

    def test_end_of_a_line_is_progress(self) -> None:
        splitter = NdjsonSplitter()
        splitter.feed(b"{}")
        before = splitter.progress
        splitter.feed(b"\n")
        assert splitter.progress != before

    def test_line_over_the_cap_ends_it(self) -> None:
        splitter = NdjsonSplitter(cap=10)
        assert splitter.feed(b"12345678\n") == [b"12345678"]
        assert splitter.feed(b"12345678") == []
        assert splitter.feed(b"901") == []
        assert splitter.is_over_cap
        assert splitter.feed(b"\n{}\n") == []
        assert splitter.finish() == []

    @settings(deadline=None)
    @example([b"\n\r", b"\x00\n"])
    @given(st.lists(st.binary(max_size=12), max_size=30))
    def test_any_cut_gives_the_same_lines(self, pieces: list[bytes]) -> None:
        cut, whole = NdjsonSplitter(), NdjsonSplitter()
        lines = [line for piece in pieces for line in cut.feed(piece)] + cut.finish()
        assert lines == whole.feed(b"".join(pieces)) + whole.finish()


class TestParts:
    def test_deltas_of_one_kind_are_joined_and_kinds_keep_their_order(self) -> None:
        parser = new_parser()
        parts = parser.feed(
            line(thinking="a")
            + line(thinking="b")
            + line("c")
            + line("d")
            + line(thinking="e")
            + line("f", tool_calls=[call(call_id="1")])
            + line("g", done=True)
        )
        assert [type(part) for part in parts] == [
            ThinkingPart,
            ContentPart,
            ThinkingPart,
            ContentPart,
            CallsPart,
            ContentPart,
            DonePart,
        ]
        assert parts[:4] == [
            ThinkingPart("ab"),
            ContentPart("cd"),
            ThinkingPart("e"),
            ContentPart("f"),
        ]
        assert parser.is_done

    def test_nothing_comes_after_the_end(self) -> None:
        got = read(line("a") + DONE + DONE + line("b"))
        assert (got.text, got.error) == ("a", None)
        assert [type(part) for part in got.parts] == [ContentPart, DonePart]

    def test_last_line_may_lack_its_line_end(self) -> None:
        got = read(line("a"), DONE.rstrip())
        assert got.done is not None
        assert got.error is None

    @pytest.mark.parametrize("last", [{"done": True}, {"done_reason": "stop"}])
    def test_done_or_a_reason_ends_the_reply(self, last: dict[str, Any]) -> None:
        got = read(b'{"message":{"content":"a"}}\n' + json.dumps(last).encode() + b"\n")
        assert got.done is not None
        assert (got.text, got.done.reason) == ("a", "stop")

    def test_counters_are_read_and_what_is_left_out_is_none(self) -> None:
        record = {
            "done": True,
            "done_reason": "length",
            "prompt_eval_count": 16,
            "eval_count": 22,
            "load_duration": 500_000_000,
            "prompt_eval_duration": True,
            "eval_duration": 2_000_000_000,
        }
        done = read(json.dumps(record).encode()).done
        assert done is not None
        assert done.reason == "length"
        assert done.usage.prompt_tokens == 16
        assert done.usage.load_s == 0.5
        assert done.usage.prompt_s is None
        assert done.usage.tokens_per_second == 11

    def test_a_single_token_has_no_rate(self) -> None:
        counters = {"eval_count": 1, "eval_duration": 1000, "total_duration": 1_597_713_643}
        done = read(json.dumps({"done": True, **counters}).encode()).done
        assert done is not None
        assert done.usage.tokens_per_second is None
        assert done.usage.total_s == 1.597713643

    @pytest.mark.parametrize(
        "first",
        [
            b'{"done":false}\n',
            b'{"message":null,"done":false}\n',
            b'{"message":{"role":"assistant"},"done":false}\n',
            b'{"message":{"content":null,"thinking":null,"tool_calls":null}}\n',
            b"\n\r\n  \n",
        ],
    )
    def test_what_is_absent_is_tolerated(self, first: bytes) -> None:
        got = read(first + line("x", done=True))
        assert (got.text, got.error) == ("x", None)

    def test_half_a_character_becomes_a_replacement(self) -> None:
        escaped = b'{"message":{"content":"a\\ud800b \\ud83d\\ude00 \\\\ud800"},"done":true}\n'
        assert read(escaped).text == "a\ufffdb 😀 \\ud800"
        raw = b'{"message":{"content":"a\xffb"},"done":true}\n'
        assert read(raw).text == "a\ufffdb"

    @settings(deadline=None)
    @given(st.text(max_size=40), st.text(max_size=40), st.data())
    def test_any_cut_of_the_bytes_gives_the_same_reply(
        self, thinking: str, text: str, data: st.DataObject
    ) -> None:
        stream = b"".join(
            [
                *(line(thinking=character) for character in thinking),
                *(line(character) for character in text),
                line(tool_calls=[call(arguments={"path": text}), call(call_id="x")]),
                DONE,
            ]
        )
        cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=40)))
        ends = itertools.pairwise([0, *cuts, len(stream)])
        whole, cut = read(stream), read(*(stream[start:end] for start, end in ends))
        assert whole.error is None
        assert cut.same_as(whole)
        assert (whole.thinking, whole.text) == (_encodable(thinking), _encodable(text))


def _encodable(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class TestCalls:
    def test_call_without_an_id_gets_one(self) -> None:
        got = read(line(tool_calls=[call(), call(call_id="")]) + DONE)
        assert [c.call_id for c in got.calls] == ["made_1", "made_2"]

    def test_two_calls_with_one_id_get_ids_of_their_own(self) -> None:
        calls = [call("a", call_id="x"), call("b", call_id="x")]
        got = read(line(tool_calls=calls) + DONE)
        assert [(c.name, c.call_id) for c in got.calls] == [("a", "x"), ("b", "made_1")]

    def test_call_repeated_in_a_later_line_is_taken_once(self) -> None:
        again = line(tool_calls=[call("a", {"path": "x"}, "1")])
        got = read(again + again + line(tool_calls=[call("a", {"path": "y"}, "1")]) + DONE)
        assert [c.arguments for c in got.calls] == [{"path": "x"}, {"path": "y"}]

    @pytest.mark.parametrize(
        ("arguments", "read_as"),
        [('{"path":"a"}', {"path": "a"}), ("", {}), (None, {}), ({"path": 5}, {"path": 5})],
    )
    def test_arguments_as_a_string_become_an_object(
        self, arguments: Any, read_as: dict[str, Any]
    ) -> None:
        wire = {"id": "1", "function": {"name": "a", "arguments": arguments}}
        (got,) = read(line(tool_calls=[wire]) + DONE).calls
        assert got.arguments == read_as

    @pytest.mark.parametrize(
        "wire",
        [
            "read_file",
            {"id": "1"},
            {"id": "1", "function": {}},
            {"function": {"name": ""}},
            {"function": {"name": ["a"]}},
            {"function": {"name": "a", "arguments": '{"path":"a'}},
            {"function": {"name": "a", "arguments": "[1]"}},
            {"function": {"name": "a", "arguments": [1]}},
            {"function": {"name": "a", "arguments": 5}},
            {"function": {"name": "a", "arguments": '{"a":NaN}'}},
        ],
    )
    def test_call_that_cannot_be_used_is_a_problem_and_the_rest_goes_on(self, wire: Any) -> None:
        got = read(line(tool_calls=[wire, call("good")]) + line("text") + DONE)
        assert [c.name for c in got.calls] == ["good"]
        assert len(got.problems) == 1
        assert (got.text, got.error) == ("text", None)

    def test_calls_that_are_no_list_are_one_problem(self) -> None:
        got = read(line(tool_calls=call()) + DONE)
        assert (got.calls, len(got.problems), got.error) == ([], 1, None)

    def test_more_calls_than_the_cap_are_left_out_with_one_word(self) -> None:
        many = [call(call_id=str(number)) for number in range(CALLS_CAP + 10)]
        got = read(line(tool_calls=many) + line(tool_calls=[call(call_id="z")]) + DONE)
        assert len(got.calls) == CALLS_CAP
        assert len(got.problems) == 1

    def test_a_flood_of_calls_that_cannot_be_used_is_told_once_for_each_cause(self) -> None:
        nameless: list[Any] = [{"function": {}}] * 1000 + [
            {"function": {"name": "a", "arguments": []}}
        ] * 1000
        deep = b'{"message":{"tool_calls":%b%b}}\n' % (b"[" * 20_000, b"]" * 20_000)
        got = read(
            line(tool_calls=nameless) * 3 + deep * 3 + line(tool_calls=[call("good")]) + DONE
        )
        assert [c.name for c in got.calls] == ["good"]
        assert len(got.problems) == len(set(got.problems)) == 3

    @pytest.mark.parametrize("digits", [400, 5000])
    def test_a_call_with_a_number_that_no_server_reads_again_is_a_problem(
        self, digits: int
    ) -> None:
        wire = b'{"message":{"tool_calls":[{"function":{"name":"a","arguments":{"n":[%b]}}}]}}\n'
        got = read(wire % (b"-" + b"9" * digits) + line("text") + DONE)
        assert (got.calls, got.text, got.error) == ([], "text", None)
        assert got.problems == ["A tool call cannot be used: a number in it is too large."]
        (fits,) = read(wire % (b"9" * 308) + DONE).calls
        assert fits.arguments == {"n": [10**308 - 1]}

    @pytest.mark.parametrize("depth", [100, 900, 100_000])
    def test_deep_nesting_is_a_problem_and_no_crash(self, depth: int) -> None:
        nested = b"[" * depth + b"]" * depth
        wire = b'{"message":{"tool_calls":[{"function":{"name":"a","arguments":{"p":%b}}}]}}\n'
        got = read(wire % nested + DONE)
        assert (got.calls, len(got.problems), got.error) == ([], 1, None)
        assert got.done is not None


class TestFaults:
    @pytest.mark.parametrize(
        "bad",
        [
            b"[1,2]\n",
            b"5\n",
            b"null\n",
            b"data: {}\n",
            b"<html>\n",
            b"\x0b\x0c\n",
            b'{"message":{"content":"x",}}\n',
            b'{"done":false}{"done":false}\n',
            b'{"message":"hi"}\n',
            b'{"message":{"content":5}}\n',
            b'{"message":{"content":[]}}\n',
            b'{"message":{"thinking":{}}}\n',
            b'{"choices":[{"message":{}}],"model":"m"}\n',
            b'{"something":"else"}\n',
            b'{"message":{"content":NaN}}\n',
            '{"done":false}\n'.encode("utf-16"),
        ],
    )
    def test_line_that_is_no_part_of_a_reply_is_one_fault_that_names_it(self, bad: bytes) -> None:
        got = read(line("before") + bad + line("after") + DONE)
        assert got.text == "before"
        assert isinstance(got.error, UnexpectedReply)
        assert "Line 2" in got.error.why
        assert "--base-url" in got.error.advice

    def test_error_line_ends_the_reply_after_what_came_before(self) -> None:
        got = read(line("a") + b'{"error":"boom","done":true}\n' + line("b") + DONE)
        assert (got.text, got.done) == ("a", None)
        assert str(got.error) == "explained: boom"

    def test_end_without_done_is_a_fault(self) -> None:
        got = read(line("a") + line("b"))
        assert got.text == "ab"
        assert isinstance(got.error, StreamBroken)
        assert "ended" in got.error.what

    def test_half_a_last_line_is_an_end_without_done(self) -> None:
        got = read(line("a") + b'{"message":{"cont')
        assert got.text == "a"
        assert isinstance(got.error, StreamBroken)

    def test_no_bytes_at_all_is_an_empty_answer(self) -> None:
        got = read()
        assert isinstance(got.error, StreamBroken)
        assert "empty" in got.error.what

    def test_reason_why_the_bytes_ended_is_the_fault(self) -> None:
        parser = new_parser()
        assert parser.feed(line("a")[:-1]) == []
        reset = StreamBroken("reset")
        assert parser.finish(reset) == [ContentPart("a")]
        assert parser.fault is reset

    def test_done_counts_whatever_ended_the_bytes(self) -> None:
        parser = new_parser()
        parser.feed(DONE.rstrip())
        assert len(parser.finish(StreamBroken("reset"))) == 1
        assert parser.fault is None

    def test_line_over_the_cap_is_a_fault_after_what_came_before(self) -> None:
        parser = new_parser()
        assert parser.feed(line("a") + b'{"message":{"content":"') == [ContentPart("a")]
        piece = b"x" * 1_000_000
        fed = 0
        while parser.fault is None and fed < 2 * LINE_CAP_BYTES:
            assert parser.feed(piece) == []
            fed += len(piece)
        assert isinstance(parser.fault, UnexpectedReply)
        assert "too long" in parser.fault.why
        assert fed <= LINE_CAP_BYTES + len(piece)

    def test_endless_answer_is_stopped_at_the_cap(self) -> None:
        parser = new_parser()
        piece = line("x" * 100_000)
        length = 0
        while parser.fault is None:
            length += sum(len(p.text) for p in parser.feed(piece) if isinstance(p, ContentPart))
        assert isinstance(parser.fault, StreamBroken)
        assert "limit" in parser.fault.why
        assert length == ANSWER_CAP_CHARACTERS

    def test_one_long_line_below_the_line_cap_is_taken_whole(self) -> None:
        got = read(line("x" * 7_000_000), DONE)
        assert len(got.text) == 7_000_000
        assert got.error is None
