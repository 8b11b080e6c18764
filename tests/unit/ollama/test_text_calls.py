"""Calls that a model wrote as text: which are read, which are only quoted, and what is said of bad ones."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ollama.recordings import recording
from vtcode_tui.ollama.text_calls import CALLS_CAP, TextCall, read_text_calls
from vtcode_tui.ollama.types import ToolSpec

READ = ToolSpec(
    "read_file",
    "Read a file.",
    {
        "type": "object",
        "properties": {"path": {"type": "string"}, "limit": {"type": "integer"}},
        "required": ["path"],
    },
)
WRITE = ToolSpec(
    "write_file",
    "Write a file.",
    {
        "type": "object",
        "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
        "required": ["path", "content"],
    },
)
LIST = ToolSpec("list_files", "List files.", {"type": "object", "properties": {}, "required": []})
TOOLS = (READ, WRITE, LIST)
CALL = '{"name": "read_file", "arguments": {"path": "a.py"}}'
READ_A = TextCall("read_file", {"path": "a.py"})


def recorded_text(name: str) -> str:
    return "".join(record["message"]["content"] for record in recording(name).records)


WHOLE = {
    "one JSON call": CALL,
    "blanks round it": f"\n\n {CALL}\n",
    "parameters": '{"name": "read_file", "parameters": {"path": "a.py"}}',
    "as Llama 3.1 writes": '{"type": "function", "name": "read_file", "parameters": {"path": "a.py"}}',
    "function inside": '{"function": {"name": "read_file", "arguments": {"path": "a.py"}}}',
    "tool and args": '{"tool": "read_file", "args": {"path": "a.py"}}',
    "function and args": '{"function": "read_file", "arguments": {"path": "a.py"}}',
    "tool_calls": f'{{"tool_calls": [{CALL}]}}',
    "OpenAI's form": '[{"id": "1", "type": "function", "function": {"name": "read_file",'
    ' "arguments": "{\\"path\\": \\"a.py\\"}"}}]',
    "a list": f"[{CALL}]",
    "a missing brace": CALL[:-1],
    "a brace too many": CALL + "}",
    "a fence": f"```json\n{CALL}\n```",
    "a plain fence": f"```\n{CALL}\n```\n",
    "a fence that is not closed": f"```json\n{CALL}",
    "a fence with a missing brace": f"```json\n{CALL[:-1]}\n```",
    "a fence of its own kind": f"```tool_call\n{CALL}\n```",
    "tags": f"<tool_call>\n{CALL}\n</tool_call>",
    "tags that are not closed": f"<tool_call>{CALL}",
    "tags with a missing brace": f"<tool_call>{CALL[:-1]}</tool_call>",
    "tags with a brace too many": f"<tool_call>{CALL}}}</tool_call>",
    "tags in a fence": f"```xml\n<tool_call>{CALL}</tool_call>\n```",
    "a fence in tags": f"<tool_call>\n```json\n{CALL}\n```\n</tool_call>",
    "tags, arguments beside the name": '<tool_call>{"name": "read_file", "path": "a.py"}</tool_call>',
    "as Qwen coder writes": "<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>",
    "as Qwen coder writes, in tags": "<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n"
    "</parameter>\n</function>\n</tool_call>",
    "as Qwen coder writes, not closed": "<tool_call><function=read_file><parameter=path>a.py",
    "as Mistral writes": f"[TOOL_CALLS] [{CALL}]",
    "as Mistral writes, with its end": f"[TOOL_CALLS][{CALL}]</s>",
    "as newer Mistral write": '[TOOL_CALLS]read_file[ARGS]{"path": "a.py"}',
    "as newer Mistral write, with an id": '[TOOL_CALLS]read_file[CALL_ID]ab1[ARGS]{"path": "a.py"}',
    "the end of a turn": f"{CALL}<|im_end|>",
    "a result made up": f"<tool_call>{CALL}</tool_call>\n<tool_response>import os</tool_response> So.",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_reply_that_is_a_call_is_read(text: str) -> None:
    reply = read_text_calls(text, TOOLS)
    assert [(c.name, c.arguments, c.problem) for c in reply.calls] == [
        ("read_file", {"path": "a.py"}, "")
    ]
    assert reply.text == ""


@pytest.mark.parametrize(
    "end",
    [
        f"<tool_call>\n{CALL}\n</tool_call>",
        f"<tool_call>{CALL}",
        "<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>",
        f"[TOOL_CALLS][{CALL}]",
        f"```json\n{CALL}\n```",
    ],
)
def test_a_marked_call_after_words_is_read_and_the_words_stay(end: str) -> None:
    reply = read_text_calls(f"I will read it.\n\n{end}\n", TOOLS)
    assert reply.text == "I will read it."
    assert [call.name for call in reply.calls] == ["read_file"]


LONG = "This is about tools. " * 40
QUOTED = {
    "words after a call": f"<tool_call>{CALL}</tool_call>\nThat is how it is written.",
    "words after JSON": f"{CALL}\nThat is how it is written.",
    "words after a fence": f"```json\n{CALL}\n```\nThat is how it is written.",
    "JSON after words": f"I would say {CALL}",
    "JSON on a line of its own after words": f"It looks so:\n\n{CALL}",
    "a fence after a long answer": f"{LONG}\n```json\n{CALL}\n```",
    "a second fence": f"Run `x`:\n```bash\nls\n```\nthen\n```json\n{CALL}\n```",
    "a fence of another language": f"```python\n{CALL}\n```",
    "tags in a fence after words": f"So:\n```\n<tool_call>{CALL}</tool_call>\n```",
    "tags in an open fence": f"So:\n```xml\n<tool_call>{CALL}</tool_call>",
    "tags in backticks": f"Write `<tool_call>{CALL}</tool_call>",
    "an example in tags": f"For example, one calls a tool like this:\n\n<tool_call>{CALL}</tool_call>",
    "an example in a fence": f"Here is an example:\n```json\n{CALL}\n```",
    "a tag that is spoken of": "Wrap it in <tool_call> and close it.",
    "a tool that was not offered": '{"name": "delete_all", "arguments": {}}',
    "a package.json": '{"name": "read_file", "version": "1.0.0", "dependencies": {}}',
    "a tool's definition": '{"name": "read_file", "description": "Reads", "parameters": {"type": 1}}',
    "a name alone": '{"name": "read_file"}',
    "JSON that is data": '{"files": [{"name": "a"}]}',
    "a list of numbers": "[1, 2, 3]",
    "an empty list": "[]",
    "cut off in a text": '{"name": "write_file", "arguments": {"path": "a", "content": "half',
    "nothing": "",
    "words": "The file holds two functions.",
    "an echoed result": "<tool_response>\n18 C and sunny\n</tool_response>",
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED.keys())
def test_an_answer_that_only_speaks_of_calls_is_no_call(text: str) -> None:
    reply = read_text_calls(text, TOOLS)
    assert (reply.text, reply.calls) == (text, ())


def test_the_recorded_leak_is_read_and_the_recorded_echo_is_an_answer() -> None:
    reply = read_text_calls(recorded_text("97-toolcall-leaks-as-content-text"), TOOLS)
    assert reply.calls == (TextCall("read_file", {"path": "README.md"}),)
    assert reply.is_tagged
    echo = recorded_text("35-tool-result-roundtrip-with-tools")
    assert read_text_calls(echo, TOOLS).text == echo


def test_several_calls_are_read_in_their_order() -> None:
    other = '{"name": "list_files", "arguments": {}}'
    for text in (
        f"<tool_call>{CALL}</tool_call>\n<tool_call>{other}</tool_call>",
        f"<tool_call>[{CALL}, {other}]</tool_call>",
        f"[{CALL}, {other}]",
        f"{CALL}\n{other}",
        f"{CALL}; {other}",
        f"```json\n{CALL}\n```\n\n```json\n{other}\n```",
        "<function=read_file><parameter=path>a.py</parameter></function><function=list_files></function>",
        '[TOOL_CALLS]read_file[ARGS]{"path": "a.py"}[TOOL_CALLS]list_files[ARGS]{}',
    ):
        names = [call.name for call in read_text_calls(text, TOOLS).calls]
        assert names == ["read_file", "list_files"], text


def test_no_more_calls_are_read_than_a_reply_may_hold() -> None:
    assert len(read_text_calls("\n".join([CALL] * 50), TOOLS).calls) == CALLS_CAP


def test_marks_inside_the_arguments_end_nothing() -> None:
    content = "</tool_call> ```\n</function> <tool_call>{}"
    written = json.dumps({"name": "write_file", "arguments": {"path": "a", "content": content}})
    reply = read_text_calls(f"<tool_call>{written}</tool_call>", TOOLS)
    assert reply.calls == (TextCall("write_file", {"path": "a", "content": content}),)
    code = "if a:\n    print('</parameter>')\n"
    text = f"<function=write_file><parameter=path>\na\n</parameter><parameter=content>\n{code}\n</parameter></function>"
    assert read_text_calls(text, TOOLS).calls[0].arguments == {"path": "a", "content": code}


@pytest.mark.parametrize(
    "name", ["functions.read_file", "readFile", "read-file", "default_api:read_file"]
)
def test_spellings_of_an_offered_name_are_that_tool(name: str) -> None:
    text = json.dumps({"name": name, "arguments": {"path": "a.py"}})
    assert read_text_calls(text, TOOLS).calls == (READ_A,)


def test_a_spelling_that_two_tools_share_is_neither() -> None:
    tools = (ToolSpec("a_b", "", {}), ToolSpec("ab", "", {}))
    assert read_text_calls('{"name": "a-b", "arguments": {}}', tools).calls == ()
    assert read_text_calls('{"name": "ab", "arguments": {}}', tools).calls[0].name == "ab"


def test_what_was_mended_is_told() -> None:
    reply = read_text_calls(
        '{"name": "read_file", "arguments": {"file_path": "a.py", "limit": "3"}}', TOOLS
    )
    assert reply.calls[0].arguments == {"path": "a.py", "limit": 3}
    assert reply.calls[0].repairs == ("file_path taken for path", "limit read as an integer")


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ('{"name": "read_file", "arguments": {"colour": 1}}', "read_file", "path is missing"),
        (
            '<tool_call>{"name": "erase", "arguments": {}}</tool_call>',
            "erase",
            "no tool named 'erase'",
        ),
        (
            '<tool_call>{"name": "read_file", "arguments": oops}</tool_call>',
            "read_file",
            "not valid JSON",
        ),
        ("<tool_call>{oops}</tool_call>", "tool_call", "not valid JSON"),
        ("<function=erase></function>", "erase", "no tool named 'erase'"),
        ("<function=read_file></function>", "read_file", "path is missing"),
        ("[TOOL_CALLS]read_file[ARGS]{oops", "read_file", "not valid JSON"),
    ],
)
def test_a_call_that_does_not_fit_tells_the_model_why_and_shows_what_fits(
    text: str, name: str, says: str
) -> None:
    (call,) = read_text_calls(text, TOOLS).calls
    assert call.name == name
    assert says in call.problem
    assert '"path":{"type":"string"}' in call.problem or "read_file(path: string" in call.problem


def test_without_tools_nothing_is_a_call() -> None:
    assert read_text_calls(CALL, ()).calls == ()


PIECES = st.sampled_from(
    [
        *(CALL, CALL[:-1], "<tool_call>", "</tool_call>", "```", "```json\n", "[TOOL_CALLS]", "\n"),
        *("<function=read_file>", "<parameter=path>", "</parameter>", "</function>", "[ARGS]", "{"),
        *(
            '"',
            "\\",
            "}",
            "[",
            "]",
            "words ",
            '{"name": "read_file"',
            "<tool_response>",
            "read_file",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join))
def test_any_text_is_read_without_an_error_and_keeps_its_beginning(text: str) -> None:
    reply = read_text_calls(text, TOOLS)
    assert text.startswith(reply.text)
    assert bool(reply.calls) or reply.text == text
    for call in reply.calls:
        json.dumps(call.arguments).encode()


NASTY = [
    *(
        "{",
        "[",
        '{"',
        '{"a":',
        "<tool_call>",
        "<tool_call>{",
        '<tool_call>["',
        '<tool_call>{"a":"\\"',
    ),
    *("<function=read_file>", "<function=a><parameter=b>", "</parameter>", "</parameter>\n \n"),
    *("```\n", "```json\n{", "[TOOL_CALLS]", "[TOOL_CALLS]a[ARGS]{", "`", '\\"', "\\", " ", "\n"),
    *(CALL + "\n", "<tool_call>{x}</tool_call>", '<tool_call>[",","</tool_call>', "</s>", "<|a|>"),
]


@pytest.mark.parametrize("piece", NASTY)
@pytest.mark.parametrize(
    "head", ["", "<tool_call>", "```json\n", "{", '{"name": "read_file", "x": "']
)
def test_the_time_is_linear_in_the_text(piece: str, head: str) -> None:
    text = head + piece * (400_000 // len(piece))
    started = time.perf_counter()
    read_text_calls(text, TOOLS)
    assert time.perf_counter() - started < 2
