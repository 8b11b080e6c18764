"""Wrapping text to cells."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.tui.blocks.lines import (
    Line,
    Run,
    cells,
    cropped,
    hanging,
    hard_wrap,
    prefixed,
    wrap,
)

_TEXT = st.text(alphabet=st.sampled_from("ab c  d\n-é’日本語。🎉ｗ\u0301→"), max_size=120).map(
    clean_text
)


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def runs_of(text: str, cuts: list[int]) -> list[Run]:
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    parts = [text[a:b] for a, b in itertools.pairwise(edges)]
    return [(part, number) for number, part in enumerate(parts) if part]


@given(_TEXT, st.lists(st.integers(0, 200), max_size=5), st.integers(2, 30))
def test_no_line_is_wider_than_asked_and_no_word_is_lost(
    text: str, cuts: list[int], width: int
) -> None:
    lines = wrap(runs_of(text, cuts), width)
    assert all(cells(line.text.rstrip(" ")) <= width for line in lines)
    assert "".join("".join(texts(lines)).split()) == "".join(text.split())


@given(_TEXT, st.lists(st.integers(0, 200), max_size=5), st.integers(2, 30))
def test_lines_with_their_joints_are_the_text_again(text: str, cuts: list[int], width: int) -> None:
    lines = wrap(runs_of(text, cuts), width)
    joined = "".join(line.text + line.joint for line in lines).removesuffix("\n")
    assert [part.strip(" ") for part in joined.split("\n")] == [
        part.strip(" ") for part in text.split("\n")
    ]


@given(_TEXT, st.lists(st.integers(0, 200), max_size=5), st.integers(2, 30))
def test_each_character_keeps_its_style(text: str, cuts: list[int], width: int) -> None:
    runs = runs_of(text, cuts)
    before = [(c, key) for run, key in runs for c in run if not c.isspace()]
    after = [
        (c, key) for line in wrap(runs, width) for run, key in line.runs for c in run if c != " "
    ]
    assert after == before


@given(_TEXT.map(lambda text: text.replace("\n", "")), st.integers(2, 30))
def test_code_is_broken_without_losing_a_blank(text: str, width: int) -> None:
    lines = hard_wrap([(text, 0)], width)
    assert "".join(texts(lines)) == text
    assert all(cells(line.text) <= width for line in lines)


def test_words_move_to_the_next_line_whole() -> None:
    assert texts(wrap([("one two three", 0)], 8)) == ["one two", "three"]


def test_a_word_wider_than_the_line_is_broken() -> None:
    assert texts(wrap([("abcdefgh ij", 0)], 4)) == ["abcd", "efgh", "ij"]
    assert texts(wrap([("ébcdefgh ij", 0)], 4)) == ["ébcd", "efgh", "ij"]


def test_east_asian_text_is_broken_between_characters_but_not_before_a_full_stop() -> None:
    assert texts(wrap([("日本語。日本", 0)], 6)) == ["日本", "語。日", "本"]


def test_indentation_at_the_start_is_kept() -> None:
    assert texts(wrap([("  one two", 0)], 6)) == ["  one", "two"]


def test_line_feeds_break_lines() -> None:
    assert texts(wrap([("a\n\nb", 0)], 9)) == ["a", "", "b"]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 10, "short"),
        ("a long text", 6, "a lon…"),
        ("日本語", 4, "日…"),
        ("x", 0, ""),
        ("xy", 1, "…"),
        ("1\ufe0f2\ufe0f3", 4, "1\ufe0f…"),
    ],
)
def test_what_is_cropped_shows_a_sign(text: str, width: int, expected: str) -> None:
    assert cropped(text, width) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("ok    as   one two three", 23, ["ok    as   one two", "           three"]),
        ("  → one two three", 11, ["  → one two", "    three"]),
        ("Use tabs.  Never blanks", 15, ["Use tabs. ", "Never blanks"]),
        ("a very long name  x y z", 20, ["a very long name", "  x y z"]),
        ("one two", 7, ["one two"]),
    ],
)
def test_a_line_with_columns_goes_on_under_the_last_of_them(
    text: str, width: int, expected: list[str]
) -> None:
    lines = hanging(text, 0, width)
    assert [line.text.rstrip() for line in lines] == [each.rstrip() for each in expected]
    copied = "".join(
        "".join(part for part, _ in line.runs[line.decor :]) + line.joint for line in lines
    )
    assert copied == text + "\n"


def test_digits_that_a_selector_makes_wide_fit_too() -> None:
    lines = wrap([("1\ufe0f" * 50, 0)], 9)
    assert {cells(line.text) for line in lines} == {8, 4}
    assert "".join(texts(lines)) == "1\ufe0f" * 50


def test_a_prefix_differs_for_the_first_line() -> None:
    lines = prefixed([Line((("a", 0),)), Line((("b", 0),))], [("1. ", 1)], [("   ", 1)])
    assert texts(lines) == ["1. a", "   b"]
