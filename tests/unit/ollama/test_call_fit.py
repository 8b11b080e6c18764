"""Arguments and their schema: what is mended gently, and what the model is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.conversation.messages import JsonObject, JsonValue
from vtcode_tui.ollama.call_fit import fit_arguments

READ: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "offset": {"type": "integer"},
        "limit": {"type": ["integer", "null"]},
        "ratio": {"type": "number"},
        "all": {"type": "boolean"},
        "names": {"type": "array", "items": {"type": "string"}},
        "more": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
        "unit": {"enum": ["c", "f"]},
        "one": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    },
    "required": ["path"],
}
EDIT: JsonObject = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("path", "old_text", "new_text")},
    "required": ["path", "old_text", "new_text"],
}


@pytest.mark.parametrize(
    ("arguments", "fitted"),
    [
        ({"path": "a"}, {"path": "a"}),
        ({"file_path": "a"}, {"path": "a"}),
        ({"filePath": "a"}, {"path": "a"}),
        ({"Path": "a"}, {"path": "a"}),
        ('{"path": "a"}', {"path": "a"}),
        ('{"path": "a"', {"path": "a"}),
        ({"path": "a", "offset": "10"}, {"path": "a", "offset": 10}),
        ({"path": "a", "offset": 3.0}, {"path": "a", "offset": 3}),
        ({"path": "a", "ratio": "2.5"}, {"path": "a", "ratio": 2.5}),
        ({"path": "a", "ratio": "2"}, {"path": "a", "ratio": 2}),
        ({"path": "a", "all": "True"}, {"path": "a", "all": True}),
        ({"path": "a", "offset": None}, {"path": "a"}),
        ({"path": "a", "limit": None}, {"path": "a", "limit": None}),
        ({"path": 5}, {"path": "5"}),
        ({"path": "a", "names": '["x", "y"]'}, {"path": "a", "names": ["x", "y"]}),
        ({"path": "a", "names": ["x", 1]}, {"path": "a", "names": ["x", "1"]}),
        ({"path": "a", "more": '{"x": "1"}'}, {"path": "a", "more": {"x": 1}}),
        ({"path": "a", "unit": "c"}, {"path": "a", "unit": "c"}),
        ({"path": "a", "one": "x"}, {"path": "a", "one": "x"}),
        ({"path": "a", "one": 1}, {"path": "a", "one": 1}),
    ],
)
def test_gently_mended_arguments_fit(arguments: Any, fitted: Any) -> None:
    fit = fit_arguments(arguments, READ)
    assert (fit.arguments, fit.problem) == (fitted, "")
    assert bool(fit.repairs) == (repr(arguments) != repr(fitted))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "path is missing"),
        (None, "path is missing"),
        ("", "path is missing"),
        ("words", "the arguments are not an object"),
        ([1], "the arguments are not an object"),
        ({"path": {}}, "path must be a string"),
        ({"path": True}, "path must be a string"),
        ({"path": "a", "offset": "ten"}, "offset must be an integer"),
        ({"path": "a", "offset": True}, "offset must be an integer"),
        ({"path": "a", "offset": 1.5}, "offset must be an integer"),
        ({"path": "a", "all": 1}, "all must be a boolean"),
        ({"path": "a", "unit": "k"}, 'unit must be one of "c", "f"'),
        ({"path": "a", "names": "x"}, "names must be an array"),
        ({"path": "a", "more": {}}, "more.x is missing"),
        ({"path": "a", "more": {"x": "b"}}, "more.x must be an integer"),
        ({"path": "a", "colour": 1}, "colour is no parameter"),
        ({"path": "a", "file_path": "b"}, "file_path is no parameter"),
        ({"path": "a", "one": {}}, "one must be an integer or a string"),
    ],
)
def test_what_does_not_fit_is_said(arguments: Any, problem: str) -> None:
    assert fit_arguments(arguments, READ).problem == problem


def test_other_names_for_a_parameter_are_known() -> None:
    fit = fit_arguments({"file": "a", "old_string": "x", "new_string": "y"}, EDIT)
    assert fit.arguments == {"path": "a", "old_text": "x", "new_text": "y"}
    assert "old_string taken for old_text" in fit.repairs


def test_two_names_for_one_parameter_are_not_guessed_between() -> None:
    fit = fit_arguments({"file": "a", "filename": "b", "old_text": "x", "new_text": "y"}, EDIT)
    assert fit.problem == "filename is no parameter"


def test_a_schema_that_takes_more_lets_more_pass() -> None:
    schema: JsonObject = {"type": "object", "properties": {}, "additionalProperties": True}
    assert fit_arguments({"x": 1}, schema).problem == ""
    assert fit_arguments({"x": 1}, {}).arguments == {"x": 1}


JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=5)
            | st.sampled_from(["type", "properties", "required", "items", "enum", "anyOf", "path"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.dictionaries(st.sampled_from(["type", "properties", "required"]), JSON))
def test_any_arguments_and_any_schema_give_an_answer(
    arguments: JsonValue, schema: JsonObject
) -> None:
    assert isinstance(fit_arguments(arguments, schema).problem, str)


@given(JSON)
def test_what_fits_fits_again_and_unchanged(arguments: JsonValue) -> None:
    fit = fit_arguments(arguments, READ)
    if not fit.problem:
        again = fit_arguments(fit.arguments, READ)
        assert (again.arguments, again.problem, again.repairs) == (fit.arguments, "", ())
