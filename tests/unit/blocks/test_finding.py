"""Finding in blocks: counts that are never too small, and exact places in lines."""

from __future__ import annotations

import pytest

from vtcode_tui.transcript.blocks import PromptBlock
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.finding import Finder
from vtcode_tui.tui.blocks.lines import Line, wrap
from vtcode_tui.tui.blocks.stretches import Mark, Stretch, around, character_at


def count(finder: Finder, index: int, text: str) -> int:
    before = finder.total
    for _ in finder.counting(index, PromptBlock(text)):
        pass
    return finder.total - before


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("one", "One two one", 2),
        ("two words", "two  words and two\nwords", 2),
        ("a bold word", "a **bold** word", 1),
        ("x", "", 0),
        ("a.c", "abc a.c", 1),
    ],
)
def test_matches_are_counted_in_what_was_written(query: str, text: str, found: int) -> None:
    assert count(Finder(query), 0, text) == found


def test_a_match_across_two_slices_of_a_long_text_is_counted_once() -> None:
    text = "x" * 65_530 + "needle in hay" + "x" * 65_530 + "needle in hay"
    assert count(Finder("needle in hay"), 0, text) == 2


def test_a_match_that_was_wrapped_is_found_on_both_lines() -> None:
    lines = wrap([("some words that are wrapped here", 0)], 16)
    finder = Finder("THAT are")
    assert [line.text for line in lines] == ["some words that", "are wrapped here"]
    assert finder.exactly(0, lines) == [(Mark(0, 11, 15), Mark(1, 0, 3))]
    assert finder.on_row(lines, 1) == [Mark(1, 0, 3)]
    assert finder.total == 1


def test_numbers_count_over_all_blocks() -> None:
    finder = Finder("a")
    assert count(finder, 0, "a a") + count(finder, 3, "a") == 3
    finder.current = (3, 0)
    assert finder.number == 3
    assert list(finder.candidates(1, 1, 5)) == [3, 0]
    assert list(finder.candidates(1, -1, 5)) == [0, 3]


def test_bars_are_no_part_of_a_text() -> None:
    lines = [Line((("│ ", 1), ("first", 0)), decor=1), Line((("│ ", 1), ("second", 0)), decor=1)]
    assert Stretch(lines, 0, 2).text == "first\nsecond\n"
    assert Stretch(lines, 0, 2).word(1, 3) == (Mark(1, 2, 8),)
    assert Stretch(lines, 0, 2).word(1, 0) == ()


def links(text: str, width: int = 80) -> list[str]:
    lines = wrap([(text, 0)], width)
    return [link.url for link in Stretch(lines, 0, len(lines)).links()]


def test_an_address_ends_where_the_sentence_goes_on() -> None:
    assert links("See https://a.example/x_(y), or (http://b.example/).") == [
        "https://a.example/x_(y)",
        "http://b.example/",
    ]
    assert links("ftp://a.example file:///etc/passwd javascript:alert(1)") == []


def test_an_address_over_two_lines_is_one() -> None:
    url = "https://a.example/" + "p" * 40
    lines = wrap([(f"see {url} there", 0)], 24)
    assert around(lines, 2).link(2, 3) == url


def test_the_words_of_a_link_lead_to_the_address_behind_them() -> None:
    runs = [
        ("See ", 0),
        ("the docs", styles.LINK | styles.UNDERLINE),
        (" (https://a.example/d)", 1),
    ]
    stretch = around([Line(tuple(runs))], 0)
    assert stretch.link(0, 6) == "https://a.example/d"
    assert stretch.link(0, 1) == ""


def test_a_cell_holds_a_character_however_wide_it_is() -> None:
    line = Line((("日本x", 0),))
    assert [character_at(line, cell) for cell in range(6)] == [0, 0, 1, 1, 2, 3]
