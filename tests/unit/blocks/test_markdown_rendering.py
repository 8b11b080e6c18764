"""Markdown pieces as lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.markdown_documents import deltas, documents
from vtcode_tui.transcript.markdown import MarkdownStream
from vtcode_tui.transcript.parsing import block_tokens, siblings
from vtcode_tui.transcript.pieces import MarkdownPiece
from vtcode_tui.transcript.source_lines import join_lines, split_lines
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.lines import BLANK, Line, cells
from vtcode_tui.tui.blocks.markdown import MarkdownRenderer

WIDTH = 40
SLACK = 4


def rendered(chunks: list[str], width: int = WIDTH) -> list[Line]:
    """Every delta rendered as it comes, with its open part; the final lines."""
    stream = MarkdownStream()
    renderer = MarkdownRenderer(width, stream.references)
    lines: list[Line] = []
    done = 0
    for chunk in [*chunks, None]:
        if chunk is None:
            stream.finish()
        else:
            stream.append(chunk)
        for piece in stream.pieces[done:]:
            lines += renderer.render(piece)
        done = len(stream.pieces)
        fork = renderer.fork()
        for piece in stream.open_pieces():
            fork.render(piece)
    return lines


def rendered_at_once(source: str, width: int = WIDTH) -> list[Line]:
    """Each top-level block of one parse of the whole text, with a blank line between."""
    references: dict[str, object] = {}
    tokens = block_tokens(source, references)
    source_lines = split_lines(source)
    lines: list[Line] = []
    for block in siblings(tokens, 0, len(tokens)):
        part = join_lines(source_lines[block.first_line : block.end_line])
        piece = MarkdownPiece(part, gap=block.first_token > 0)
        lines += MarkdownRenderer(width, references).render(piece)
    return lines


def texts(source: str, width: int = WIDTH) -> list[str]:
    return [line.text.rstrip() for line in rendered([source], width)]


@given(st.data())
def test_a_stream_gives_the_lines_of_the_whole_text(data: st.DataObject) -> None:
    source = data.draw(documents())
    assert rendered(data.draw(deltas(source))) == rendered_at_once(source)


@given(documents(), st.integers(12, 90))
def test_no_line_is_wider_than_the_column(source: str, width: int) -> None:
    assert all(cells(line.text) <= width for line in rendered([source], width))


def test_a_long_paragraph_wraps_as_if_it_were_in_one_piece() -> None:
    words = [f"word{number}" for number in range(3_000)]
    source = "".join(word + ("\n" if number % 9 == 8 else " ") for number, word in enumerate(words))
    lines = [line.text for line in rendered([source])]
    assert " ".join(lines) == " ".join(words)
    assert all(
        len(line) + 1 + len(after.split(" ", 1)[0]) > WIDTH for line, after in pairwise(lines)
    )


def test_a_long_table_keeps_the_columns_of_its_first_rows() -> None:
    rows = "".join(f"| {number} | {'x' * number} |\n" for number in range(60))
    lines = texts("| n | text |\n|--:|---|\n" + rows)
    assert {line.index("│") for line in lines if "│" in line} == {2 + SLACK + 1}
    assert lines[-1].split("│")[1].strip() == "x" * (59 - 3 * (15 + SLACK))


def test_a_long_table_has_room_for_longer_numbers_than_its_first_rows() -> None:
    rows = "".join(f"| {number} | text |\n" for number in range(2_000))
    assert "  1571 │ text" in texts("| n | text |\n|--:|---|\n" + rows)


def test_headings_are_bold_and_in_their_own_colour() -> None:
    line = rendered(["## Title **here**\n"])[0]
    assert line.text == "Title here"
    assert all(
        key & styles.ROLE_MASK == styles.HEADING and key & styles.BOLD for _, key in line.runs
    )


def test_lists_hang_their_lines_under_the_text() -> None:
    assert texts("- one two three four\n- five\n", 12) == [
        " • one two",
        "   three",
        "   four",
        " • five",
    ]


def test_nested_lists_have_other_bullets_and_ordered_ones_their_numbers() -> None:
    assert texts("- a\n  - b\n    - c\n\n9. d\n10. e\n") == [
        " • a",
        "    ◦ b",
        "       ▪ c",
        "",
        " 9. d",
        "10. e",
    ]


def test_tasks_show_boxes() -> None:
    assert texts("- [ ] open\n- [x] done\n") == [" ☐ open", " ☑ done"]


def test_a_blank_line_between_items_is_kept_and_none_is_added() -> None:
    assert texts("- a\n- b\n\n- c\n") == [" • a", " • b", "", " • c"]


def test_code_has_a_bar_and_the_name_of_its_language() -> None:
    assert texts("```python\nx = 1\n\n\n```\n") == ["▎ python", "▎ x = 1"]


def test_a_long_line_of_code_shows_that_it_goes_on() -> None:
    assert texts("```\nabcdefgh\n```\n", 8) == ["▎ abcdef", "┆ gh"]


def test_code_and_tables_may_be_wider_than_the_column_of_text() -> None:
    code = "x = " + "abcdefgh " * 6 + "end"
    table = "| a | b |\n|---|---|\n| " + "word " * 7 + "| " + "more " * 5 + "|\n"
    text = "one two three " * 6
    source = f"{text}\n\n```\n{code}\n```\n\n- item\n  ```\n  {code}\n  ```\n\n{table}"
    references: dict[str, object] = {}
    renderer = MarkdownRenderer(WIDTH, references, wide=70)
    tokens = block_tokens(source, references)
    parts = split_lines(source)
    shown = [
        line.text.strip()
        for block in siblings(tokens, 0, len(tokens))
        for line in renderer.render(
            MarkdownPiece(join_lines(parts[block.first_line : block.end_line]), gap=True)
        )
    ]
    assert shown.count(f"▎ {code}") == 2
    assert any("word" in line and "more" in line and cells(line) > WIDTH for line in shown)
    assert max(cells(line) for line in shown if line.startswith("one")) <= WIDTH


def test_a_tab_in_code_is_drawn_as_blanks() -> None:
    assert texts("```make\nall:\n\techo x\n```\n")[2] == "▎         echo x"


def test_code_inside_a_list_item_stands_under_its_text() -> None:
    assert texts("1. run\n   ```sh\n   ls\n   ```\n") == [" 1. run", "    ▎ sh", "    ▎ ls"]


def test_quotes_have_a_bar_on_every_line() -> None:
    assert texts("> one\n>\n> two\n") == ["▎ one", "▎", "▎ two"]


def test_tables_are_aligned_and_their_cells_wrap() -> None:
    source = "| name | n |\n|:--|--:|\n| a long cell here | 1 |\n| b | 200 |\n"
    assert texts(source, 16) == [
        "name       │   n",
        "───────────┼────",
        "a long     │   1",
        "cell here  │",
        "b          │ 200",
    ]


def test_words_in_cells_are_whole_where_there_is_room_for_all_of_them() -> None:
    source = "| model | b | note |\n|:--|---|---|\n| qwen3-coder:30b | x | one two three four |\n"
    assert texts(source, 32) == [
        "model           │ b │ note",
        "────────────────┼───┼───────────",
        "qwen3-coder:30b │ x │ one two",
        "                │   │ three four",
    ]


def test_rows_whose_columns_would_break_words_are_keys_and_values() -> None:
    source = (
        "| model | **n** | note |\n|:--|---|---|\n"
        "| qwen3-coder:30b | 1 | one two three four |\n| a | | [b](http://c.example) | more |\n"
    )
    lines = rendered([source], 24)
    assert [line.text for line in lines] == [
        "model: qwen3-coder:30b",
        "n: 1",
        "note: one two three",
        "  four",
        "─" * 24,
        "model: a",
        "n: ",
        "note: b",
        "  (http://c.example)",
    ]
    assert lines[0].runs[0] == ("model", styles.TEXT | styles.BOLD)
    assert lines[3].decor == 1, "the indentation is not copied"
    assert texts(source, 60)[0].startswith("model ")
    assert texts("|a|b|c|d|\n|---|---|---|---|\n|1|2|3|4|\n", 12)[0] == "a: 1"
    assert texts("| left over | right |\n|---|---|\n", 10) == ["left over", "· right"]


def test_a_path_or_a_hash_in_a_cell_is_broken_rather_than_the_table() -> None:
    source = f"| file | hash |\n|---|---|\n| a.py | {'0f' * 32} |\n| b.py | {'語' * 40} |\n"
    assert all("│" in line or "┼" in line for line in texts(source, 40))


def test_a_long_table_of_keys_and_values_goes_on_as_such() -> None:
    rows = "".join(f"| {number} | {'word' * 5} | {'other' * 4} |\n" for number in range(40))
    lines = texts("| n | one | two |\n|--:|---|---|\n" + rows)
    assert lines.count("─" * 24) == 39
    assert lines[-3:] == ["n: 39", f"one: {'word' * 5}", f"two: {'other' * 4}"]
    assert not any("│" in line for line in lines)


@pytest.mark.parametrize("width", [30, 80])
def test_a_table_that_is_being_written_changes_its_shape_once_at_most(width: int) -> None:
    """A link's address is a long word until its last bracket is there."""
    cells = "| [b](http://long.example.org/a/b) | `a_code_that_is_long` | few words |\n"
    source = "| name | what it is for | note |\n|---|---|---|\n" + "| a | b | c |\n" * 3 + cells
    source += cells * 15 + "\nThe end.\n"
    stream, shapes = MarkdownStream(), []
    renderer, done = MarkdownRenderer(width, stream.references), 0
    frozen: list[Line] = []
    for start in range(0, len(source), 2):
        stream.append(source[start : start + 2])
        for piece in stream.pieces[done:]:
            frozen += renderer.render(piece)
        done = len(stream.pieces)
        fork = renderer.fork()
        open_lines = [line for piece in stream.open_pieces() for line in fork.render(piece)]
        table = [line.text for line in (*frozen, *open_lines)]
        has_second_column = "what" in source[:start]
        if has_second_column and any("─" in line for line in table):
            shapes.append(any("┼" in line for line in table))
    assert shapes[-1] is (width >= 80)
    assert sum(before != after for before, after in pairwise(shapes)) <= 1


def test_links_show_where_they_lead_unless_their_text_says_it() -> None:
    line = rendered(["[docs](http://a.example/x) <http://b.example>"], 80)[0]
    assert line.text == "docs (http://a.example/x) http://b.example"
    assert line.runs[0] == ("docs", styles.LINK | styles.UNDERLINE)


@pytest.mark.parametrize(
    "target", ["javascript:x", "file:///etc/passwd", "vbscript:x", "data:text/html,x"]
)
def test_targets_that_are_no_web_addresses_are_plain_text(target: str) -> None:
    runs = [run for line in rendered([f"[docs]({target})"], 80) for run in line.runs]
    assert not any(key & styles.UNDERLINE for _, key in runs)
    assert target in "".join(text for text, _ in runs)


def test_images_are_their_alternative_text() -> None:
    assert texts("![a cat](http://a.example/cat.png)") == ["[image: a cat]"]


def test_html_and_textual_markup_are_text() -> None:
    source = "<b>x</b> [red]y[/red] [@click=app.quit]z[/]"
    assert texts(source, 80) == [source]


def test_entities_cannot_smuggle_in_control_characters() -> None:
    assert texts("&#x202e;x&#27;y", 80) == ["⟨U+202E⟩x'y"] or "\u202e" not in texts("&#x202e;")[0]


def test_emphasis_nests() -> None:
    line = rendered(["*a **b*** ~~c~~ `d`"])[0]
    assert line.runs == (
        ("a ", styles.ITALIC),
        ("b", styles.ITALIC | styles.BOLD),
        (" ", styles.TEXT),
        ("c", styles.STRIKE),
        (" ", styles.TEXT),
        ("d", styles.INLINE_CODE | styles.CODE_BACKGROUND),
    )


def test_rules_are_a_thin_line() -> None:
    assert set(texts("a\n\n---\n")[2]) == {"─"}


def test_blocks_are_parted_by_one_blank_line() -> None:
    lines = rendered(["# a\nb\n\n\n\n- c\n```\nd\n```\n"])
    assert [line is BLANK or not line.runs for line in lines] == [
        False,
        True,
        False,
        True,
        False,
        True,
        False,
    ]


def test_joined_pictographs_are_shown_beside_each_other_however_they_arrive() -> None:
    for chunks in (
        ["\U0001f468\u200d\U0001f4bb **now**"],
        list("\U0001f468\u200d\U0001f4bb **now**"),
    ):
        assert [line.text for line in rendered(chunks)] == ["\U0001f468\U0001f4bb now"]
