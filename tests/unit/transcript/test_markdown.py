"""The Markdown stream: what is final, what is open, and that cuts do not matter."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.markdown_documents import deltas, documents
from vtcode_tui.transcript.markdown import TABLE_SAMPLE, MarkdownStream
from vtcode_tui.transcript.pieces import (
    FenceEnd,
    FenceLines,
    FenceStart,
    ListItemPiece,
    MarkdownPiece,
    ParagraphPart,
    Piece,
    PlainPiece,
    TableRows,
    TableStart,
)
from vtcode_tui.transcript.source_lines import MAX_LINE


def streamed(chunks: list[str]) -> list[Piece]:
    stream = MarkdownStream()
    for chunk in chunks:
        stream.append(chunk)
    stream.finish()
    return merged(stream.pieces)


def merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring stretches of code or rows as one: only how they are parted depends on cuts."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if isinstance(piece, FenceLines) and isinstance(last, FenceLines):
            result[-1] = FenceLines(last.lines + piece.lines)
        elif isinstance(piece, TableRows) and isinstance(last, TableRows):
            rows = "\n".join(piece.source.split("\n")[2:])
            result[-1] = TableRows(last.source + rows)
        else:
            result.append(piece)
    return result


def by_characters(source: str) -> list[Piece]:
    return streamed(list(source))


def looked_at(chunks: list[str]) -> list[Piece]:
    """Like ``streamed``, with a look at the open part after each delta."""
    stream = MarkdownStream()
    for chunk in chunks:
        stream.append(chunk)
        stream.open_pieces()
    stream.finish()
    return merged(stream.pieces)


@given(st.data())
def test_pieces_do_not_depend_on_how_the_text_arrives(data: st.DataObject) -> None:
    source = data.draw(documents())
    assert streamed(data.draw(deltas(source))) == streamed([source])


@given(st.data())
def test_looking_at_the_open_part_changes_nothing(data: st.DataObject) -> None:
    source = data.draw(documents())
    assert looked_at(data.draw(deltas(source))) == streamed([source])


@given(documents())
def test_every_word_of_the_source_is_in_a_piece(source: str) -> None:
    text = " ".join(
        " ".join(piece.lines) if isinstance(piece, FenceLines) else getattr(piece, "source", "")
        for piece in streamed([source])
    )
    missing = [
        word for word in source.split() if word not in text and not word.startswith(("```", "~~~"))
    ]
    assert missing == []


def test_a_block_is_final_when_the_next_one_has_begun() -> None:
    stream = MarkdownStream()
    stream.append("first\n\nsecond")
    assert stream.pieces == []
    stream.append(" line\n")
    assert stream.pieces == [MarkdownPiece("first\n", gap=False)]
    assert stream.open_pieces() == [MarkdownPiece("second line\n", gap=True)]


def test_an_unfinished_line_decides_nothing() -> None:
    stream = MarkdownStream()
    stream.append("para\n\nnext\n-")
    assert stream.open_pieces() == [MarkdownPiece("next\n", gap=True)]
    stream.append(" item\n")
    assert stream.pieces == [MarkdownPiece("para\n", gap=False), MarkdownPiece("next\n", gap=True)]


def test_lines_of_an_open_fence_are_final_one_by_one() -> None:
    stream = MarkdownStream()
    stream.append("```python title=x\na = 1\nb =")
    assert stream.pieces == [FenceStart("python", gap=False), FenceLines(("a = 1",))]
    assert stream.open_pieces() == [FenceLines(("b =",)), FenceEnd()]


def test_a_fence_closes_only_with_its_own_marker() -> None:
    pieces = by_characters("````\n```\n~~~~\n````\nafter\n")
    assert pieces == [
        FenceStart("", gap=False),
        FenceLines(("```", "~~~~")),
        FenceEnd(),
        MarkdownPiece("after\n", gap=True),
    ]


def test_a_fence_without_an_end_lasts_to_the_end_of_the_text() -> None:
    assert by_characters("```\na\n\n# b") == [
        FenceStart("", gap=False),
        FenceLines(("a", "", "# b")),
        FenceEnd(),
    ]


def test_an_indented_fence_takes_its_indentation_off_its_lines() -> None:
    assert by_characters("  ```\n    a\n b\n  ```\n")[1] == FenceLines(("  a", "b"))


def test_items_of_a_list_are_final_one_by_one_and_counted() -> None:
    stream = MarkdownStream()
    stream.append("3. a\n3. b\n\n3. c\n")
    assert stream.pieces == [
        ListItemPiece("3. a\n", gap=False, ordinal=3),
        ListItemPiece("3. b\n\n", gap=False, ordinal=4),
    ]
    stream.finish()
    assert stream.pieces[-1] == ListItemPiece("3. c\n", gap=True, ordinal=5)


def test_another_bullet_begins_another_list() -> None:
    gaps = [
        piece.gap for piece in by_characters("- a\n- b\n* c\n") if isinstance(piece, ListItemPiece)
    ]
    assert gaps == [False, False, True]


def test_rows_of_a_long_table_are_final_one_by_one() -> None:
    head = "| a |\n|---|\n"
    stream = MarkdownStream()
    for number in range(TABLE_SAMPLE):
        stream.append(head * (number == 0) + f"| {number} |\n")
    assert stream.pieces == []
    stream.append("| x |\n| y |\n")
    assert isinstance(stream.pieces[0], TableStart)
    assert stream.pieces[1] == TableRows(head + "| x |\n| y |\n")
    stream.append("\nafter\n")
    stream.finish()
    assert stream.pieces[2:] == [MarkdownPiece("after\n", gap=True)]


def test_a_long_paragraph_loses_its_head_while_it_grows() -> None:
    lines = [f"line {number} of a long paragraph\n" for number in range(400)]
    stream = MarkdownStream()
    longest_open = 0
    for line in lines:
        stream.append(line)
        open_length = sum(len(getattr(piece, "source", "")) for piece in stream.open_pieces())
        longest_open = max(longest_open, open_length)
    stream.finish()
    assert longest_open < 4_200
    assert all(isinstance(piece, ParagraphPart) for piece in stream.pieces)
    assert "".join(getattr(piece, "source", "") for piece in stream.pieces) == "".join(lines)
    assert by_characters("".join(lines)) == streamed(["".join(lines)])


def test_a_long_paragraph_is_not_cut_inside_an_emphasis() -> None:
    filler = "word " * 20 + "\n"
    source = filler * 39 + "**bold\n" + filler * 5 + "end** " + filler * 20
    first = by_characters(source)[0]
    assert isinstance(first, ParagraphPart)
    assert first.source.count("**") == 2


def test_a_long_line_is_folded_before_a_word() -> None:
    source = "word 1. " * 1_500
    stream = MarkdownStream()
    stream.append(source)
    stream.finish()
    text = "".join(getattr(piece, "source", "") for piece in stream.pieces)
    assert all(len(line) <= MAX_LINE for line in text.split("\n"))
    assert all(line.startswith("word") for line in text.strip().split("\n"))
    assert text.replace("\n", "").strip() == source.strip()


def test_text_nested_deeper_than_the_parser_goes_is_shown_as_it_is() -> None:
    source = "> " * 300 + "deep\n"
    assert by_characters(source) == [PlainPiece(source, gap=False)]


def test_an_unfinished_strong_or_code_text_shows_as_such() -> None:
    for partial, shown in (
        ("a **bol", "a **bol**"),
        ("a `cod", "a `cod`"),
        ("a **", "a "),
        ("a **b** c", "a **b** c"),
        ("a `b` **c", "a `b` **c**"),
    ):
        stream = MarkdownStream()
        stream.append(partial)
        assert stream.open_pieces() == [MarkdownPiece(shown + "\n", gap=False)], partial


def test_a_carriage_return_that_is_parted_from_its_line_feed_is_no_marker() -> None:
    assert streamed(["a\r", "\nb\r\n", "c\r", "d"]) == [MarkdownPiece("a\nb\nc␍d\n", gap=False)]


def test_control_characters_are_markers_already_in_the_source() -> None:
    assert streamed(["\x1b]52;c;x\x07"]) == [MarkdownPiece("␛]52;c;x␇\n", gap=False)]


def test_link_targets_are_known_to_what_comes_after_them() -> None:
    stream = MarkdownStream()
    stream.append("[r]: http://a.example\n\n[text][r]\n")
    assert stream.references["R"]["href"] == "http://a.example"


@pytest.mark.parametrize("kind", ["item", "quote"])
def test_an_endless_block_is_cut_by_force_at_the_same_place_always(kind: str) -> None:
    line = "  more of it\n" if kind == "item" else "> more of it\n"
    source = ("- item\n" if kind == "item" else "") + line * 6_000
    rnd = random.Random(1)
    chunks, position = [], 0
    while position < len(source):
        size = rnd.randint(1, 3_000)
        chunks.append(source[position : position + size])
        position += size
    assert streamed(chunks) == streamed([source])
    assert len(streamed([source])) > 1


def test_appending_after_the_end_was_reached_is_harmless() -> None:
    stream = MarkdownStream()
    stream.append("a")
    stream.finish()
    stream.finish()
    assert stream.pieces == [MarkdownPiece("a\n", gap=False)]
    assert stream.open_pieces() == []


@pytest.mark.parametrize(
    "before", ["", "Intro:\n\n", "Intro:\n", "- item\n\n  ", "> ", "1. x\n   "]
)
def test_the_head_of_a_table_is_one_before_its_rule_has_come(before: str) -> None:
    start = before.rpartition("\n")[2]
    margin = " " * len(start) if not start.startswith(">") else start
    source = f"{before}| Name | a \\| b |\n{margin}| :-- | --- |\n{margin}| x | **y** |\n"
    stream = MarkdownStream()
    for count, character in enumerate(source, start=1):
        stream.append(character)
        shown = "".join(getattr(piece, "source", "") for piece in stream.open_pieces())
        lines = [line for line in shown.splitlines() if "|" in line]
        if lines:
            assert len(lines) > 1, source[:count]
            assert set(lines[1]) <= set("> |:-"), source[:count]
    stream.finish()
    assert _words_of(stream.pieces) == source.split()


@pytest.mark.parametrize(
    "source",
    [
        "| x > 0 = 1\n| otherwise = 2\n",
        "| a | b |",
        "a | b",
        "|",
        "|\n|\n",
        "- x\n  ```\n  | a | b |",
        "    | code |",
        "| a |\n---|---",
        "| a |\n\n| b |",
    ],
)
def test_bars_that_are_no_table_are_whole_in_the_end(source: str) -> None:
    stream = MarkdownStream()
    for character in source:
        stream.append(character)
        stream.open_pieces()
    stream.finish()
    assert _words_of(stream.pieces) == source.split()


def _words_of(pieces: Sequence[Piece]) -> list[str]:
    return "".join(getattr(piece, "source", "") for piece in pieces).split()


@pytest.mark.parametrize("code", ["- x\n  ```\n  | a | b", "    | code", "```\n| a | b"])
def test_bars_in_code_get_no_rule(code: str) -> None:
    stream = MarkdownStream()
    stream.append(code)
    assert "---" not in str(stream.open_pieces())


def test_a_row_that_is_being_written_gets_no_rule() -> None:
    stream = MarkdownStream()
    stream.append("| a |\n|---|\n| b |\n| c")
    assert stream.open_pieces() == [MarkdownPiece("| a |\n|---|\n| b |\n| c\n", gap=False)]
