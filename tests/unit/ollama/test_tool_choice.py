"""``tool_choice``: what it may be, what it offers, and the schema that holds a reply to a call."""

from __future__ import annotations

import json

import pytest

from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.ollama.tool_choice import (
    ChoiceError,
    ChoiceKind,
    ToolChoice,
    call_schema,
    forced_call,
    kept_calls,
    offered_tools,
    read_tool_choice,
)
from vtcode_tui.ollama.types import ToolSpec

WEATHER = ToolSpec(
    "get_weather",
    "Forecast",
    {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
)
TIME = ToolSpec("get_time", "", {})
TOOLS = (WEATHER, TIME)
PINNED: JsonValue = {"type": "function", "function": {"name": "get_time"}}


@pytest.mark.parametrize(
    ("value", "kind", "names", "owes_call"),
    [
        (None, ChoiceKind.AUTO, ["get_weather", "get_time"], False),
        ("auto", ChoiceKind.AUTO, ["get_weather", "get_time"], False),
        ("none", ChoiceKind.NONE, [], False),
        ("required", ChoiceKind.REQUIRED, ["get_weather", "get_time"], True),
        (PINNED, ChoiceKind.FUNCTION, ["get_time"], True),
        ({"function": {"name": "get_weather"}}, ChoiceKind.FUNCTION, ["get_weather"], True),
    ],
)
def test_each_choice_offers_its_tools(
    value: JsonValue, kind: ChoiceKind, names: list[str], owes_call: bool
) -> None:
    choice = read_tool_choice(value, TOOLS)
    assert (choice.kind, choice.owes_call) == (kind, owes_call)
    assert [tool.name for tool in offered_tools(choice, TOOLS)] == names


@pytest.mark.parametrize(
    ("value", "tools", "field"),
    [
        ("any", TOOLS, "tool_choice"),
        (True, TOOLS, "tool_choice"),
        ([], TOOLS, "tool_choice"),
        ("required", (), "tool_choice"),
        ({"type": "tool"}, TOOLS, "tool_choice.type"),
        ({"type": "function"}, TOOLS, "tool_choice.function.name"),
        ({"function": {"name": ""}}, TOOLS, "tool_choice.function.name"),
        ({"function": {"name": "get_tiem"}}, TOOLS, "tool_choice.function.name"),
    ],
)
def test_a_choice_that_cannot_be_kept_names_its_field(
    value: JsonValue, tools: tuple[ToolSpec, ...], field: str
) -> None:
    with pytest.raises(ChoiceError) as caught:
        read_tool_choice(value, tools)
    assert caught.value.field == field
    assert caught.value.why


def test_calls_of_tools_that_were_not_offered_do_not_count() -> None:
    calls = (ToolCall("1", "get_weather"), ToolCall("2", "get_time"))
    assert kept_calls(calls, [TIME]) == calls[1:]
    assert kept_calls(calls, []) == ()
    assert ToolChoice().kind is ChoiceKind.AUTO


def test_the_schema_of_one_tool_is_its_call_and_of_several_one_of_them() -> None:
    one = call_schema([WEATHER])
    properties = one["properties"]
    assert isinstance(properties, dict)
    assert properties["name"] == {"type": "string", "enum": ["get_weather"]}
    assert properties["arguments"] == dict(WEATHER.parameters)
    assert list(properties) == ["name", "arguments"]
    several = call_schema(TOOLS)["anyOf"]
    assert isinstance(several, list)
    assert several[0] == one


@pytest.mark.parametrize(
    ("content", "call"),
    [
        ({"name": "get_weather", "arguments": {"location": "Seattle"}}, "get_weather"),
        ({"name": "get_time", "arguments": {}}, "get_time"),
        ({"name": "get_weather", "arguments": {}}, None),
        ({"name": "other", "arguments": {}}, None),
        (["get_time"], None),
        ("It is sunny.", None),
    ],
)
def test_a_held_reply_is_a_call_only_if_it_fits(content: JsonValue, call: str | None) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    forced = forced_call(text, TOOLS)
    assert (forced.name if forced else None) == call
