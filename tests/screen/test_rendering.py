"""Rendering of markers, folding, diffs, syntax colours and previews."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size
from textual.content import Content, Span

from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    FileDiff,
    FileDisplay,
    TextDisplay,
)
from vtcode_tui.tui.rendering.diff import diff_lines
from vtcode_tui.tui.rendering.folding import fold, fold_offsets
from vtcode_tui.tui.rendering.marked import has_loud_marker, marked_lines, marked_pieces
from vtcode_tui.tui.rendering.preview import has_hidden_parts, preview_rows, preview_size
from vtcode_tui.tui.rendering.syntax import syntax_spans
from vtcode_tui.tui.rendering.tones import MARK

CORPORA = Path(__file__).parents[1] / "corpora"
TRICKY = st.text(
    st.sampled_from([*"ab \t\n\r", "\x1b", "\u202e", "\u00a0", "\u0301", "日", "\U000e0041", "⇥"]),
    max_size=80,
)


@given(st.one_of(TRICKY, st.text(max_size=60)))
def test_the_sources_of_all_pieces_are_the_text(text: str) -> None:
    assert "".join(piece.source for piece in marked_pieces(text)) == text
    assert "".join(piece.source for piece in marked_pieces(text, keeps_indent=True)) == text


@given(st.one_of(TRICKY, st.text(max_size=60)))
def test_shown_text_has_no_control_or_invisible_characters(text: str) -> None:
    shown = "".join(piece.shown for piece in marked_pieces(text))
    assert all(character == "\n" or character.isprintable() for character in shown)
    assert "\u00a0" not in shown
    assert "        " not in shown


@given(TRICKY)
def test_lines_joined_are_the_marked_text(text: str) -> None:
    shown = "".join(piece.shown for piece in marked_pieces(text))
    assert "\n".join(line.plain for line in marked_lines(text)) == shown


@given(TRICKY, st.integers(2, 30), st.booleans())
def test_folding_loses_nothing_and_keeps_to_the_width(
    text: str, width: int, at_words: bool
) -> None:
    rows = fold(Content(text, strip_control_codes=False), width, at_words=at_words)
    assert "".join(row.plain for row in rows) == text
    for row in rows:
        assert sum(map(get_character_cell_size, row.plain)) <= width
        assert len(row.plain) <= 2 * width


@given(st.text("ab ", min_size=1, max_size=60), st.integers(2, 12), st.data())
def test_folding_keeps_the_style_of_every_character(
    text: str, width: int, data: st.DataObject
) -> None:
    place = st.integers(0, len(text))
    spans = [
        Span(min(pair), max(pair), style)
        for style in ("bold", "italic", "underline")
        if len(set(pair := (data.draw(place), data.draw(place)))) == 2
    ]
    whole = Content(text, spans)
    at = 0
    for row in fold(whole, width):
        for offset in range(len(row.plain)):
            assert styles_at(row, offset) == styles_at(whole, at)
            at += 1


def styles_at(content: Content, offset: int) -> list[str]:
    return [str(span.style) for span in content.spans if span.start <= offset < span.end]


def test_folding_at_words_breaks_after_a_blank() -> None:
    rows = fold(Content("one two three four"), 10, at_words=True)
    assert [row.plain for row in rows] == ["one two ", "three four"]


def test_characters_without_width_do_not_make_an_endless_row() -> None:
    assert len(fold_offsets("a" + "\u0301" * 1_000, 20)) > 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" + " " * 9 + "b", "a··· 9 blanks ···b"),
        ("a\n\n\nb", "a\n··· 3 newlines ···\nb"),
        ("a\tb", "a⇥   b"),
        ("a\u3000b", "a⟨U+3000⟩b"),
        ("a\u3164b", "a⟨U+3164⟩b"),
        ("a\r\nb", "a␍\nb"),
        ("end  ", "end··"),
        ("x\u202ey", "x⟨U+202E⟩y"),
        ("x\U000e0100y", "x⟨U+E0100⟩y"),
    ],
)
def test_invisible_characters_have_a_marker(text: str, shown: str) -> None:
    assert "".join(piece.shown for piece in marked_pieces(text)) == shown


def test_indentation_of_code_is_no_reason_to_warn_but_a_payload_pushed_aside_is() -> None:
    assert not has_loud_marker(" " * 16 + "return 1\r")
    assert has_loud_marker("x = 1" + " " * 200 + "; evil()")
    assert has_loud_marker(" " * 60 + "evil()")


def test_markers_are_styled_as_plain_text_cannot_be() -> None:
    (line,) = marked_lines("a\u202e")
    assert [str(span.style) for span in line.spans] == [MARK]
    (imitation,) = marked_lines("⟨U+202E⟩")
    assert imitation.spans == []


def _lines_of(name: str) -> list[str]:
    return (CORPORA / name).read_text("utf-8").splitlines()


def diff_of(*lines: DiffLine, path: str = "a.py") -> FileDiff:
    return FileDiff(path, (lines,), 1, 1)


def test_a_diff_row_has_number_sign_and_text_and_fills_the_width() -> None:
    rows = diff_lines(
        diff_of(
            DiffLine("context", 9, 9, "x = 1"),
            DiffLine("removed", 10, None, "old"),
            DiffLine("added", None, 10, "new"),
        ),
        20,
    )
    assert [row.plain for row in rows] == [
        " 9   x = 1          ",
        "10 - old            ",
        "10 + new            ",
    ]


def test_a_long_diff_line_is_folded_behind_its_gutter() -> None:
    (first, second) = diff_lines(diff_of(DiffLine("added", None, 1, "abcdefghijklmnop")), 15)
    assert first.plain == " 1 + abcdefghij"
    assert second.plain == "   ┆ klmnop    "


def test_hunks_are_separated() -> None:
    line = DiffLine("context", 1, 1, "x")
    diff = FileDiff("a", ((line,), (line,)), 0, 0)
    assert [row.plain.strip() for row in diff_lines(diff, 20)] == ["1   x", "⋯", "1   x"]


def test_code_in_a_diff_is_highlighted_also_behind_a_marker() -> None:
    (row,) = diff_lines(diff_of(DiffLine("added", None, 1, "\treturn 'a'")), 40)
    keyword = next(span for span in row.spans if span.style == "$text-primary")
    assert row.plain[keyword.start : keyword.end] == "return"


def test_syntax_colours_stay_on_their_lines() -> None:
    lines = ["def f():", '    """two', '    lines"""', "    return 1"]
    colours = syntax_spans(lines, "a.py")
    assert len(colours) == len(lines)
    assert colours[2], "the second line of a string is still a string"
    assert any(lines[3][start:end] == "return" for start, end, _ in colours[3])


@pytest.mark.parametrize("path", ["a.unknown", "", "a/../..", "Makefile", "x.html", "x.rs"])
def test_unknown_languages_and_odd_lines_are_no_problem(path: str) -> None:
    lines = ["\r", "a\rb", "", "<a\n>", "x" * 3_000, "\x0c"]
    assert len(syntax_spans(lines, path)) == len(lines)
    assert len(syntax_spans(lines[:4], path)) == 4


def test_a_command_is_numbered_when_it_has_more_than_one_line() -> None:
    rows = preview_rows(CommandDisplay("cd a\nls", "/"), 40)
    assert [row.plain for row in rows] == ["1 cd a", "2 ls"]
    assert [row.plain for row in preview_rows(CommandDisplay("ls", "/"), 40)] == ["$ ls"]


def test_files_and_texts_are_shown_whole() -> None:
    rows = preview_rows(FileDisplay("a.py", "x\ny", first_line=9), 40)
    assert [row.plain for row in rows] == [" 9 x", "10 y"]
    assert [row.plain for row in preview_rows(TextDisplay("a\nb"), 40)] == ["a", "b"]


def test_sizes_are_in_words() -> None:
    assert preview_size(CommandDisplay("a\nbc", "/")) == "2 lines · 4 characters"
    assert preview_size(TextDisplay("a")) == "1 line · 1 character"
    assert preview_size(DiffDisplay(FileDiff("a", (), 1_200, 3, is_new_file=True))) == (
        "+1,200 -3 new file"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cat \u0440ass.txt", "cat \u0440⟨U+0440⟩ass.txt"),
        ("l\u0455 -la", "l\u0455⟨U+0455⟩ -la"),
        ("https://g\u043e\u043egle.com", "https://g\u043e⟨U+043E⟩\u043e⟨U+043E⟩gle.com"),
        ("curl gi\u03bf.sh", "curl gi\u03bf⟨U+03BF⟩.sh"),
        ("\uff52\uff4d x", "\uff52⟨U+FF52⟩\uff4d⟨U+FF4D⟩ x"),
        ("ls\u037e x", "ls\u037e⟨U+037E⟩ x"),
        ("\u212aill", "\u212a⟨U+212A⟩ill"),
        ("rm \u2024env", "rm \u2024⟨U+2024⟩env"),
    ],
)
def test_a_character_that_passes_for_another_has_its_number_beside_it(
    text: str, shown: str
) -> None:
    assert "".join(piece.shown for piece in marked_pieces(text)) == shown
    assert has_loud_marker(text)


@pytest.mark.parametrize(
    "text",
    [
        "привет мир",
        "Δt = 5 µs, πr²",
        "naïve café",
        "日本語",
        "x → y",
        "CO₂ …",
        "смотри README",
        "αβγ",
    ],
)
def test_words_of_another_alphabet_are_nothing_to_warn_of(text: str) -> None:
    assert not has_loud_marker(text)


def test_every_hostile_text_is_drawn_without_its_escapes() -> None:
    records = [json.loads(line) for line in _lines_of("hostile_text.jsonl")]
    texts = [record["text"] for record in records if "text" in record]
    assert len(texts) > 50
    for text in texts:
        diff = DiffDisplay(diff_of(DiffLine("added", None, 1, text.replace("\n", " "))))
        for display in (CommandDisplay(text, "/"), TextDisplay(text), diff):
            for row in preview_rows(display, 40):
                assert row.plain.isprintable(), repr(row.plain)
            assert has_hidden_parts(display) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "x\t" * 30_000,
        "\u0430" * 60_000,
        "\u0301" * 60_000,
        "日" * 60_000,
        "echo hi\n" * 10_000,
        " " * 500_000 + "x",
    ],
    ids=["tabs", "twins", "combining", "wide", "lines", "blanks"],
)
def test_huge_hostile_commands_are_drawn_in_reasonable_time(text: str) -> None:
    start = time.process_time()
    preview_rows(CommandDisplay(text, "/"), 80)
    assert time.process_time() - start < 3.0
