"""JSON as models write it: what is mended, what is not, and that nothing takes long."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.ollama import tolerant_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('  {"a": 1}\n', {"a": 1}),
        ('{"a": "line\nline"}', {"a": "line\nline"}),
        ('{"a": {"b": 1}', {"a": {"b": 1}}),
        ('{"a": [{"b": 1', {"a": [{"b": 1}]}),
        ('[{"a": 1]', [{"a": 1}]),
        ('{"a": 1}}', {"a": 1}),
        ('{"a": [1, 2,], }', {"a": [1, 2]}),
        ('{"a": "}{,]"', {"a": "}{,]"}),
        ('{"a": "\\ud800"}', {"a": "\ufffd"}),
    ],
)
def test_slips_are_mended(text: str, value: object) -> None:
    assert tolerant_json.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words",
        '{"a": "cut o',
        '{"a": 1} and more',
        '{"a": {"b": {"c": {"d": {"e": 1',
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        '{"a" 1}',
        "[" * 100_000,
        "[" * 70 + "]" * 70,
        '{"a":' * 100_000,
        "1" * 5_000,
    ],
)
def test_what_would_be_a_guess_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        tolerant_json.loads(text)


@given(VALUES)
def test_json_is_read_as_json(value: object) -> None:
    assert tolerant_json.loads(json.dumps(value)) == value
    assert tolerant_json.loads(json.dumps(value, ensure_ascii=False, indent=1)) == value


@given(st.text() | st.text(alphabet='{}[]",:\\ \n1a'))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = tolerant_json.loads(text)
    except ValueError:
        return
    json.dumps(value).encode()


@given(VALUES.filter(lambda value: isinstance(value, dict | list) and value))
def test_one_missing_bracket_at_the_end_is_mended(value: object) -> None:
    assert tolerant_json.loads(json.dumps(value)[:-1]) == value
