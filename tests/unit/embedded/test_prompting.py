"""What the small model is shown: few examples, short history, one tool."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from vtcode_tui.conversation.messages import JsonObject
from vtcode_tui.embedded.chat_request import ChatOrder, WireMessage
from vtcode_tui.embedded.prompting import completion_body, examples_for, one_line, tool_asked_for
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace.root import Workspace

TOOL_NAMES = (
    "read_file",
    "write_file",
    "edit_file",
    "list_files",
    "search_files",
    "run_terminal_cmd",
)
TOOLS: tuple[JsonObject, ...] = tuple(
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in TOOL_NAMES
)


def user(text: str) -> WireMessage:
    return WireMessage("user", text)


def body_of(*messages: WireMessage, **fields: Any) -> Any:
    return json.loads(completion_body(ChatOrder(messages, **{"tools": TOOLS, **fields})))


@pytest.mark.parametrize(
    ("prompt", "tool"),
    [
        ("Read README.md", "read_file"),
        ("please read the file main.py", "read_file"),
        ("Can you show me src/app.py?", "read_file"),
        ("What is in LICENSE?", "read_file"),
        ("List the files", "list_files"),
        ("Show the files", "list_files"),
        ("What files are there?", "list_files"),
        ("Run ls", "run_terminal_cmd"),
        ("Create hello.txt with hello", "write_file"),
        ("Write one to a/b", "write_file"),
        ("In main.py replace foo with bar", "edit_file"),
        ("Change red to green in style.css", "edit_file"),
        ("Search for TODO", "search_files"),
        ("Where is main?", "search_files"),
        ("Write a poem about the sea", ""),
        ("Hello", ""),
        ("What is the capital of France?", ""),
        ("Explain what a list is", ""),
        ("In short, who are you?", ""),
        ("", ""),
        ("   ?!  ", ""),
    ],
)
def test_the_first_verb_chooses_the_examples(prompt: str, tool: str) -> None:
    assert tool_asked_for(prompt) == tool


@pytest.mark.parametrize(
    ("prompt", "examples"),
    [
        ("List the files", "list_files"),
        ("list all files, please", "list_files"),
        ("Which files are in this directory?", "list_files"),
        ("ls", "list_files"),
        ("List the files in src", "list_files in a directory"),
        ("list docs", "list_files in a directory"),
        ("What files are in tests/unit?", "list_files in a directory"),
    ],
)
def test_a_listing_of_one_directory_has_its_own_examples(prompt: str, examples: str) -> None:
    body = body_of(user(prompt))
    assert body["chat_template_kwargs"]["examples"] == examples
    assert [tool["function"]["name"] for tool in body["tools"]] == ["list_files"]


def test_the_template_has_examples_for_every_tool_that_is_chosen() -> None:
    template = (files("vtcode_tui.embedded") / "few_shot.jinja").read_text()
    for name in (*TOOL_NAMES, "result", "list_files in a directory"):
        assert f"wanted == '{name}'" in template


def test_the_tools_are_the_apps_own(tmp_path: Path) -> None:
    toolbox = default_toolbox(Workspace(tmp_path), environment={}, command_timeout_s=1)
    assert set(TOOL_NAMES) <= {tool.name for tool in toolbox}


def test_only_the_tool_that_is_asked_for_is_passed_on() -> None:
    body = body_of(user("Run ls"))
    assert [tool["function"]["name"] for tool in body["tools"]] == ["run_terminal_cmd"]
    assert body["chat_template_kwargs"]["examples"] == "run_terminal_cmd"
    assert "</tool_call>" in body["stop"]


def test_a_tool_that_is_not_offered_is_never_shown() -> None:
    body = body_of(user("Run ls"), tools=TOOLS[:1])
    assert "tools" not in body
    assert body["chat_template_kwargs"]["examples"] == "chat"


def test_a_tools_result_is_answered_without_tools() -> None:
    call = WireMessage("assistant", calls=(("read_file", {"path": "a"}),))
    body = body_of(user("Read a"), call, WireMessage("tool", "# Title\n\nText\n"))
    assert body["messages"] == [{"role": "tool", "content": "# Title, Text"}]
    assert "tools" not in body
    assert body["chat_template_kwargs"]["examples"] == "result"


def test_the_system_prompt_is_left_out() -> None:
    body = body_of(WireMessage("system", "You are a coding agent."), user("Hello"))
    assert [message["role"] for message in body["messages"]] == ["user"]


def test_two_earlier_turns_stay_and_are_shortened() -> None:
    turns = [
        message
        for number in range(4)
        for message in (user(f"question {number}"), WireMessage("assistant", "word " * 1_000))
    ]
    body = body_of(*turns, user("Hello"))
    asked = [message["content"] for message in body["messages"] if message["role"] == "user"]
    assert asked == ["question 2", "question 3", "Hello"]
    assert all(len(message["content"]) < 400 for message in body["messages"])


def test_earlier_turns_do_not_distract_from_a_call() -> None:
    body = body_of(user("Hello"), WireMessage("assistant", "Hello!"), user("Run ls"))
    assert body["messages"] == [{"role": "user", "content": "Run ls"}]


def test_an_earlier_call_keeps_its_arguments_as_json_text() -> None:
    call = WireMessage("assistant", calls=(("read_file", {"path": "a"}),))
    body = body_of(user("Read a"), call, WireMessage("tool", "text"), user("Hello"))
    function = body["messages"][1]["tool_calls"][0]["function"]
    assert function == {"name": "read_file", "arguments": '{"path": "a"}'}


def test_a_prompt_without_a_user_is_not_lost() -> None:
    order = ChatOrder((WireMessage("assistant", "one"),))
    assert json.loads(completion_body(order))["messages"] == [{"role": "user", "content": "one"}]


@pytest.mark.parametrize(("thinks", "enabled"), [(True, True), (False, False)])
def test_thinking_is_switched_in_the_template(thinks: bool, enabled: bool) -> None:
    kwargs = body_of(user("Hello"), thinks=thinks)["chat_template_kwargs"]
    assert kwargs["enable_thinking"] is enabled


@pytest.mark.parametrize(
    ("asked", "given"), [(None, 400), (-1, 400), (0, 400), (7, 7), (10**9, 2_000)]
)
def test_an_answer_has_an_end(asked: int | None, given: int) -> None:
    options = {} if asked is None else {"num_predict": asked}
    assert body_of(user("Hello"), options=options)["max_tokens"] == given


def test_the_clients_own_options_and_stops_count() -> None:
    body = body_of(user("Hello"), options={"temperature": 0.7, "seed": 3}, stop=("END",))
    assert (body["temperature"], body["seed"]) == (0.7, 3)
    assert "END" in body["stop"]


@pytest.mark.parametrize(
    ("answer_format", "kind"), [("json", "json_object"), ({"type": "object"}, "json_schema")]
)
def test_a_format_goes_with_no_tools_and_no_thinking(answer_format: Any, kind: str) -> None:
    body = body_of(user("Read a.txt"), answer_format=answer_format)
    assert body["response_format"]["type"] == kind
    assert "tools" not in body
    assert body["chat_template_kwargs"]["enable_thinking"] is False


def test_a_lone_surrogate_does_not_break_the_body() -> None:
    content = body_of(user("a\ud800b"))["messages"][0]["content"]
    assert content == "a?b"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        ("", ""),
        ("one\n\n  two  \n", "one, two"),
        ("[exit 0]\nout", "out"),
        ("[exit 0]", "[exit 0]"),
        ("[exit 2]\nerr", "[exit 2], err"),
        ("x" * 500, "x" * 70),
        ("\n".join("abcdefgh"), "a, b, c, d, e"),
        ('"""Adds."""\n\ndef add(): ...', "Adds., def add(): ..."),
    ],
)
def test_a_result_becomes_one_line(result: str, line: str) -> None:
    assert one_line(result) == line


def test_examples_do_not_follow_a_reply() -> None:
    order = ChatOrder((user("Read a.txt"), WireMessage("assistant", "yes")), tools=TOOLS)
    assert examples_for(order) == "chat"
