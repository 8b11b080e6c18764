"""The one function that makes text harmless."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vtcode_tui.transcript.clean import MOST_MARKS, clean_line, clean_prose, clean_text

CORPUS = Path(__file__).parents[2] / "corpora" / "hostile_text.jsonl"
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
MARKS = st.text("\u0301\u0338\u20dd\ufe0f\u0e33\u0e34", max_size=20)
HEAPED = st.lists(st.tuples(st.characters(), MARKS)).map(
    lambda pairs: "".join(base + marks for base, marks in pairs)
)
ANY_TEXT = st.text(st.characters(exclude_categories=[])) | HEAPED


def corpus() -> Iterator[str]:
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "text" in record:
            yield record["text"]
        elif "b64" in record:
            yield base64.b64decode(record["b64"]).decode("utf-8", "replace")


def is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def is_harmless(text: str) -> bool:
    heaps = [len(list(run)) for marks, run in groupby(text, is_mark) if marks]
    return max(heaps, default=0) <= MOST_MARKS and not any(
        unicodedata.category(character) in UNSAFE for character in text if character != "\n"
    )


@given(ANY_TEXT)
@example("a" + "\u0301" * 9 + "\u200d" + "\u0301" * 9)
@example("\u0301" * 8 + "\r" + "\u0301" * 8)
def test_any_text_comes_out_harmless_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    assert is_harmless(cleaned)
    assert clean_text(cleaned) == cleaned
    assert clean_line(clean_line(text)) == clean_line(text)


def test_the_corpus_comes_out_harmless() -> None:
    texts = list(corpus())
    assert len(texts) == 122
    for text in texts:
        assert is_harmless(clean_text(text)), ascii(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a" + "\u0301" * 8, "a" + "\u0301" * 8),
        ("a" + "\u0301" * 100 + "b", "a" + "\u0301" * 8 + "⟨92 marks⟩b"),
        ("\u0338" * 9, "\u0338" * 8 + "⟨1 marks⟩"),
        ("漢" * 40, "漢" * 40),
        ("नमस्ते किताब", "नमस्ते किताब"),
        ("a\rb\r\nc", "a␍b\nc"),
        ("\x1b[31m\x9b\u202e", "␛[31m⟨U+009B⟩⟨U+202E⟩"),
    ],
)
def test_what_is_dropped_leaves_a_marker(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\U0001f468\u200d\U0001f4bb Build", "\U0001f468\U0001f4bb Build"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\U0001f525"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u0937"),
        ("rm\u200d -rf", "rm⟨U+200D⟩ -rf"),
        ("\U0001f468\u200d\u200d", "\U0001f468⟨U+200D⟩"),
        ("\u200d\U0001f468", "⟨U+200D⟩\U0001f468"),
        ("\u0645\u200c\u200c\u0645", "\u0645⟨U+200C⟩\u0645"),
    ],
)
def test_joiners_that_shape_prose_leave_no_marker_and_others_do(text: str, shown: str) -> None:
    assert clean_prose(text) == shown
    assert "⟨U+200" in clean_text(text)


@given(ANY_TEXT)
def test_prose_is_as_harmless_as_any_text(text: str) -> None:
    shown = clean_prose(text)
    assert clean_text(shown) == shown
