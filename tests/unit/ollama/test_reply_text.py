"""A reply's content while it streams: thinking in tags, calls held back, answers at once."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtcode_tui.ollama.hold_back import HELD_CAP, HoldBack
from vtcode_tui.ollama.reply_text import ReplyText
from vtcode_tui.ollama.text_calls import TextReply, read_text_calls
from vtcode_tui.ollama.think_tags import ThinkTagSplitter
from vtcode_tui.ollama.types import ContentPart, ThinkingPart, ToolSpec

NAMES = ("read_file", "list_files")
TOOLS = tuple(ToolSpec(name, "", {"type": "object", "properties": {}}) for name in NAMES)
CALL = '{"name": "read_file", "arguments": {}}'

PIECES = st.sampled_from(
    [
        *(
            "<think>",
            "</think>",
            "<thinking>",
            "</thi",
            "<th",
            " ",
            "\n",
            "words ",
            "`",
            "```",
            "json",
        ),
        *(
            "<tool_call>",
            "<tool",
            "<function=",
            "[TOOL_CALLS]",
            "[TO",
            "{",
            '{"name": "',
            "read_file",
        ),
        *(CALL, '"', "[", "```json\n", "   ```", "x" * 500),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=16).map("".join)


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    """``text`` in pieces of ``sizes``, over and over."""
    pieces, start, turn = [], 0, 0
    while start < len(text):
        size = sizes[turn % len(sizes)]
        pieces.append(text[start : start + size])
        start, turn = start + size, turn + 1
    return pieces


SIZES = st.lists(st.integers(1, 7), min_size=1, max_size=5)


# Thinking in tags


def split(pieces: Sequence[str]) -> list[tuple[str, str]]:
    """The parts in order, neighbours of one kind joined."""
    splitter = ThinkTagSplitter()
    parts = [part for piece in pieces for part in splitter.feed(piece)]
    joined: list[tuple[str, str]] = []
    for part in [*parts, *splitter.finish()]:
        kind = "thinking" if isinstance(part, ThinkingPart) else "content"
        before = joined.pop() if joined and joined[-1][0] == kind else (kind, "")
        joined.append((kind, before[1] + part.text))
    return joined


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("<think>\nhm\n</think>\n\nHi", [("thinking", "hm\n"), ("content", "Hi")]),
        ("\n<think>hm</think>Hi", [("thinking", "hm"), ("content", "Hi")]),
        ("<thinking>hm</thinking>Hi", [("thinking", "hm"), ("content", "Hi")]),
        ("<think>\n\n</think>\n\nHi", [("content", "Hi")]),
        ("<think>a</think><think>b</think>Hi", [("thinking", "ab"), ("content", "Hi")]),
        ("<think>it never ends </thi", [("thinking", "it never ends </thi")]),
        ("<think>a </think> b", [("thinking", "a "), ("content", "b")]),
        ("The tag <think> opens it.", [("content", "The tag <think> opens it.")]),
        ("\n\nHi", [("content", "\n\nHi")]),
        ("<thin", [("content", "<thin")]),
        ("<b>bold</b>", [("content", "<b>bold</b>")]),
        ("", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_thinking_in_tags_at_the_beginning_is_parted_from_the_answer(
    text: str, parts: list[tuple[str, str]], size: int
) -> None:
    assert split(cut(text, [size])) == parts


@given(TEXTS, SIZES)
def test_any_cut_into_deltas_gives_the_same_parts(text: str, sizes: list[int]) -> None:
    assert split(cut(text, sizes)) == split([text])


def test_where_the_server_parts_thinking_itself_tags_are_content() -> None:
    splitter = ThinkTagSplitter()
    splitter.pass_on()
    assert splitter.feed("<think>x</think>") == [ContentPart("<think>x</think>")]


def test_thinking_streams_before_its_end() -> None:
    splitter = ThinkTagSplitter()
    assert splitter.feed("<think>I look") == [ThinkingPart("I look")]


# Text that begins like a call


def show(pieces: Sequence[str], names: Sequence[str] = NAMES) -> tuple[str, str]:
    """What is shown while it streams, and what is held to the end."""
    hold_back = HoldBack(names)
    shown = "".join(map(hold_back.feed, pieces))
    return shown, hold_back.finish()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (CALL, ""),
        (f"[{CALL}]", ""),
        ('{"tool_calls": [', ""),
        ('{"type": "function", "name": "read_file"', ""),
        (f"<tool_call>\n{CALL}\n</tool_call>", ""),
        ("<tool_call>\n<function=read_file>", ""),
        ("<function=read_file>", ""),
        ("[TOOL_CALLS] [", ""),
        (f"```json\n{CALL}\n```", ""),
        (f"```xml\n<tool_call>{CALL}</tool_call>\n```", ""),
        (f"I read it.\n<tool_call>\n{CALL}", "I read it.\n"),
        (f"I read it. <tool_call>{CALL}", "I read it. "),
        (f"I read it.\n\n```json\n{CALL}", "I read it.\n\n"),
        (f"```python\nx\n```\n<tool_call>{CALL}", "```python\nx\n```\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_call_is_never_shown_while_it_streams(text: str, shown: str, size: int) -> None:
    assert show(cut(text, [size])) == (shown, text[len(shown) :])


@pytest.mark.parametrize(
    "text",
    [
        "Hello there, this is an answer.",
        '{"name": "my-package", "version": "1.0.0"}',
        '{"version": 2}',
        "[a link](https://example.com) and more",
        "[1, 2, 3]",
        "A table:\n\n| a | b |\n|---|---|\n| <b> | [x] |",
        "```python\nprint({})\n```\nthat was it",
        '```json\n{"version": 2}\n```',
        '```\n{"files": []}\n```',
        "Write `<tool_call>{` in tags.",
        "The tag <tool_call> opens a call.",
        "So:\n```xml\n<tool_call>{}</tool_call>\n```",
        f"{'long ' * 200}\n```json\n{CALL}\n```\nend",
        "if a < b and c[T] > 1: pass",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_answer_is_shown_as_it_streams(text: str, size: int) -> None:
    assert show(cut(text, [size])) == (text, "")


@given(TEXTS, SIZES)
def test_what_is_shown_and_what_is_held_are_the_text(text: str, sizes: list[int]) -> None:
    shown, held = show(cut(text, sizes))
    assert shown + held == text


@given(TEXTS, SIZES)
def test_no_more_is_held_of_an_answer_than_half_a_mark(text: str, sizes: list[int]) -> None:
    hold_back = HoldBack(NAMES)
    fed = shown = 0
    for piece in cut(text, sizes):
        fed += len(piece)
        shown += len(hold_back.feed(piece))
    if not any(mark in text for mark in ("<", "[", "{", "`")):
        assert fed - shown <= 3  # Up to three blanks may come before a fence.


def test_no_tools_hold_nothing_back() -> None:
    assert show([CALL], ()) == (CALL, "")


def test_what_is_longer_than_any_call_is_shown_after_all() -> None:
    hold_back = HoldBack(NAMES)
    assert hold_back.feed('{"name": "read_file", "arguments": "') == ""
    assert len(hold_back.feed("x" * HELD_CAP)) > HELD_CAP
    assert hold_back.feed("y") == "y"


@pytest.mark.parametrize("piece", ["<", "[", "{", "```\n", "`", " ", "<tool_call>", '{"', "   \n"])
def test_the_time_to_hold_back_is_linear(piece: str) -> None:
    hold_back = HoldBack(NAMES)
    started = time.perf_counter()
    for _ in range(40_000):
        hold_back.feed(piece)
    hold_back.finish()
    assert time.perf_counter() - started < 4


# Both


def read(pieces: Sequence[str], *, reads_calls: bool = True) -> tuple[str, str, TextReply]:
    """What is shown of thinking and of content, and what it all was."""
    text = ReplyText(TOOLS)
    parts = [part for piece in pieces for part in text.feed(piece)]
    rest, result = text.finish(reads_calls=reads_calls)
    parts += rest
    thinking = "".join(part.text for part in parts if isinstance(part, ThinkingPart))
    return thinking, "".join(p.text for p in parts if isinstance(p, ContentPart)), result


def test_thinking_words_and_a_call_are_told_apart() -> None:
    text = f"<think>I look.</think>I read it.\n\n<tool_call>{CALL}</tool_call>"
    thinking, shown, result = read(cut(text, [3]))
    assert (thinking, shown.rstrip(), result.text) == ("I look.", "I read it.", "I read it.")
    assert [call.name for call in result.calls] == ["read_file"]


def test_a_reply_that_was_cut_off_shows_all_and_has_no_call() -> None:
    thinking, shown, result = read([CALL], reads_calls=False)
    assert (thinking, shown, result) == ("", CALL, TextReply(CALL))


@settings(deadline=None)
@given(TEXTS, SIZES)
def test_what_is_shown_is_the_answer_however_it_is_cut(text: str, sizes: list[int]) -> None:
    _, shown, result = read(cut(text, sizes))
    assert shown.startswith(result.text)
    assert not shown[len(result.text) :].strip() or not result.calls
    whole = read([text])
    assert whole[2] == result
    assert read_text_calls(result.text, ()).text == result.text
