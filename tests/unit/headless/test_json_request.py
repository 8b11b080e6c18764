"""A JSON request: how it is recognised, what of it is kept, and the field that an error names."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.conversation.messages import (
    AssistantMessage,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.ask_command import read_question
from vtcode_tui.headless.json_request import JsonRequest, read_request, request_in
from vtcode_tui.ollama.tool_choice import ChoiceKind

HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def request(**fields: Any) -> JsonRequest:
    return read_request({"messages": [HELLO], **fields})


def question(*words: str, stdin: str = "") -> str | JsonRequest:
    return read_question(words, io.StringIO(stdin), stdin_is_piped=bool(stdin))


def test_all_fields_are_kept() -> None:
    whole = request(
        model="m",
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "f"}},
        think="high",
        format={"type": "object"},
        options={"temperature": 0},
        keep_alive=60,
        stream=False,
    )
    assert whole.model == "m"
    assert whole.tools[0].to_json()["function"] == {
        "name": "f",
        "description": "",
        "parameters": {"type": "object"},
    }
    assert whole.tool_choice.kind is ChoiceKind.FUNCTION
    assert (whole.think, whole.format, whole.options) == (
        "high",
        {"type": "object"},
        {"temperature": 0},
    )
    assert (whole.keep_alive, whole.stream) == ("60s", False)


def test_what_is_left_out_has_its_default() -> None:
    plain = request(model=None, tools=None, tool_choice=None, think=None, format="", options=None)
    assert plain == JsonRequest((UserMessage("Hello"),))
    assert (request(keep_alive="5m").keep_alive, request(keep_alive=-1).keep_alive) == ("5m", "-1s")
    assert (request(format="json").format, request(think=False).think) == ("json", False)


def test_messages_of_every_role_are_kept() -> None:
    arguments = {"path": "a"}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    as_text = {"id": "c2", "function": {"name": "g", "arguments": json.dumps(arguments)}}
    without = {"function": {"name": "h"}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look"}], "images": ["aGk="]},
        {"role": "assistant", "thinking": "hm", "tool_calls": [call, as_text, without]},
        {"role": "tool", "tool_call_id": "c2", "content": "x"},
        {"role": "tool", "name": "h", "content": "y"},
        {"role": "tool", "tool_name": "f", "tool_call_id": "c1", "content": ""},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    assert request(messages=messages).messages == (
        SystemMessage("Be brief."),
        UserMessage("Look", ("aGk=",)),
        AssistantMessage(
            "",
            "hm",
            (ToolCall("c1", "f", arguments), ToolCall("c2", "g", arguments), ToolCall("", "h")),
        ),
        ToolResultMessage("c2", "g", "x"),
        ToolResultMessage("", "h", "y"),
        ToolResultMessage("c1", "f", ""),
        AssistantMessage(),
    )


def with_call(**function: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [{"function": function}]}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": ["Hello"]}, "messages[0]"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"messages": [HELLO, {"role": "robot", "content": "x"}]}, "messages[1].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content[0]",
        ),
        ({"messages": [{**HELLO, "images": "x"}]}, "messages[0].images"),
        ({"messages": [{**HELLO, "images": [1]}]}, "messages[0].images[0]"),
        ({"messages": [{"role": "assistant", "thinking": 1}]}, "messages[0].thinking"),
        ({"messages": [{"role": "assistant", "tool_calls": {}}]}, "messages[0].tool_calls"),
        ({"messages": [{"role": "assistant", "tool_calls": [1]}]}, "messages[0].tool_calls[0]"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{}]}]},
            "messages[0].tool_calls[0].function",
        ),
        (
            {"messages": [with_call(arguments={})]},
            "messages[0].tool_calls[0].function.name",
        ),
        (
            {"messages": [with_call(name="f", arguments="{oops")]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {"messages": [with_call(name="f", arguments=[])]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_name"),
        ({"messages": [{"role": "tool", "tool_name": "f"}]}, "messages[0].content"),
        ({"model": 3}, "model"),
        ({"model": " "}, "model"),
        ({"tools": {}}, "tools"),
        ({"tools": [1]}, "tools[0]"),
        ({"tools": [{"type": "web"}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"function": {"name": ""}}]}, "tools[0].function.name"),
        (
            {"tools": [{"function": {"name": "f", "description": 1}}]},
            "tools[0].function.description",
        ),
        ({"tools": [{"function": {"name": "f", "parameters": []}}]}, None),
        (
            {"tools": [{"function": {"name": "f", "parameters": [1]}}]},
            "tools[0].function.parameters",
        ),
        ({"tools": [TOOL, TOOL]}, "tools[1].function.name"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "any", "tools": [TOOL]}, "tool_choice"),
        (
            {"tool_choice": {"function": {"name": "g"}}, "tools": [TOOL]},
            "tool_choice.function.name",
        ),
        ({"think": "much"}, "think"),
        ({"think": 1}, "think"),
        ({"format": "xml"}, "format"),
        ({"options": []}, "options"),
        ({"keep_alive": {}}, "keep_alive"),
        ({"stream": "yes"}, "stream"),
        ({"tool_chioce": "none"}, "tool_chioce"),
        ({"temperature": 0}, "temperature"),
    ],
)
def test_what_is_not_valid_names_its_field(fields: dict[str, Any], field: str | None) -> None:
    if field is None:
        request(**fields)
        return
    with pytest.raises(ConfigError) as caught:
        request(**fields)
    assert caught.value.what.startswith(f"The request is not valid: {field}: ")
    assert caught.value.advice


def test_a_misspelt_field_gets_the_nearest_one_and_an_option_its_place() -> None:
    with pytest.raises(ConfigError, match="did you mean tool_choice"):
        request(tool_chioce="none")
    with pytest.raises(ConfigError, match='write "options"'):
        request(temperature=0)


WHOLE = json.dumps({"messages": [HELLO]})


def test_a_request_comes_from_an_argument_a_file_or_stdin(tmp_path: Path) -> None:
    path = tmp_path / "a request.json"
    path.write_text("\ufeff" + WHOLE, encoding="utf-8")
    wanted = JsonRequest((UserMessage("Hello"),))
    assert question(WHOLE) == wanted
    assert question(f"\n {WHOLE}\n", stdin="ignored") == wanted
    assert question(f"@{path}") == wanted
    assert question(stdin=WHOLE) == wanted
    assert question("-", stdin=WHOLE) == wanted


@pytest.mark.parametrize(
    "words",
    [
        ("Why?",),
        ("{",),
        ('{"a": 1} what is this?',),
        ('{"a": 1}',),
        ("[1]",),
        ("@dataclass, what is it?",),
        ("@",),
        ("Look at", "@file"),
    ],
)
def test_other_words_are_a_prompt(words: tuple[str, ...]) -> None:
    assert question(*words) == " ".join(words)


def test_words_with_a_piped_request_are_a_prompt_about_it() -> None:
    assert question("Explain this", stdin=WHOLE) == f"Explain this\n\n{WHOLE}"


@pytest.mark.parametrize("text", ['{"messages": [}', '{"messages": NaN}', '{"messages": [], } x'])
def test_a_broken_request_is_an_error_and_not_a_prompt(text: str) -> None:
    with pytest.raises(ConfigError, match="not valid JSON"):
        question(text)


@pytest.mark.parametrize("content", [b"words", b"[]", b'{"a": 1}', b"\xff\xfe"])
def test_a_file_must_hold_a_request(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="not valid JSON"):
        question(f"@{path}")


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="/no/such/file cannot be read"):
        question("@/no/such/file")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "function", "name", "arguments", "type", "tool_calls"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["messages", "tools", "tool_choice", "think"]), JSON))
def test_anything_is_a_request_or_an_error_in_words(value: dict[str, Any]) -> None:
    try:
        request_in(json.dumps({"messages": [HELLO], **value}))
    except ConfigError as error:
        what = error.what
    else:
        what = ""
    assert not what or what.startswith("The request is not valid: ")
