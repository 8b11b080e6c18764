"""Finding what an edit replaces, and touching nothing else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vtcode_tui.tools.edit_file import edited_bytes
from vtcode_tui.tools.text_match import NoUniqueMatch, apply_splices, find_splices
from vtcode_tui.workspace.text import decode, encode


def edited(text: str, old: str, new: str, *, replace_all: bool = False) -> str:
    return apply_splices(text, find_splices(text, old, new, replace_all=replace_all))


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a b c", "b", "x", "a x c"),
        ("a\r\nb\r\nc", "a\nb", "a\nx", "a\r\nx\r\nc"),
        ("a\r\nb\r\n", "b", "b\nc", "a\r\nb\r\nc\r\n"),
        ("a\r\nb", "b", "b\nc", "a\r\nb\r\nc"),
        ("b", "b", "b\nc", "b\nc"),
        ("a\nb\r\nc\nd\r\n", "a\nb\nc", "a\nB\nc", "a\nB\r\nc\nd\r\n"),
        ("a\nb\n", "a\r\nb", "x\r\ny", "x\ny\n"),
        ("a\r\nb\r\n", "a\nb\n", "", ""),
        ("x\r\r\ny", "y", "z", "x\r\r\nz"),
        ("tail", "tail", "", ""),
    ],
)
def test_line_ends_of_the_place_are_kept(text: str, old: str, new: str, expected: str) -> None:
    assert edited(text, old, new) == expected


def test_every_occurrence_is_replaced_on_request() -> None:
    assert edited("a-a-a", "a", "bb", replace_all=True) == "bb-bb-bb"
    assert edited("aaaa", "aa", "b", replace_all=True) == "bb"


def test_several_matches_are_counted_with_their_lines() -> None:
    with pytest.raises(NoUniqueMatch, match=r"3 times in the file, at lines 1, 2, 4\. Add"):
        edited("x\nx\ny\nx", "x", "z")


def test_matches_that_overlap_are_several() -> None:
    with pytest.raises(NoUniqueMatch, match="2 times"):
        edited("bbb", "bb", "a")


@pytest.mark.parametrize("replace_all", [True, False])
def test_a_flood_of_matches_is_refused(replace_all: bool) -> None:
    with pytest.raises(NoUniqueMatch, match="more than 100,000 times"):
        edited("a" * 2_000_000, "a", "b", replace_all=replace_all)


def test_a_difference_in_blanks_is_pointed_out_with_the_text_of_the_file() -> None:
    with pytest.raises(NoUniqueMatch) as caught:
        edited("def f():\n    if x:\n        y()\n", "if x:\n    y()", "z")
    assert "only in blanks" in str(caught.value)
    assert "at line 2" in str(caught.value)
    assert str(caught.value).endswith("    if x:\n        y()")


def test_the_most_similar_place_is_shown() -> None:
    with pytest.raises(NoUniqueMatch) as caught:
        edited(
            "import os\n\ndef compute_total(items):\n    pass\n", "def compute_totals(item):", ""
        )
    assert str(caught.value).endswith("at line 3:\ndef compute_total(items):")


def test_nothing_alike_says_so() -> None:
    with pytest.raises(NoUniqueMatch, match="nor anything like it"):
        edited("abc\n", "0123456789", "")


TEXT = st.lists(
    st.sampled_from(["a", "b", "é", "中", "\udce9", "\n", "\r\n", "\r", " ", "\ufeff"]), max_size=30
).map("".join)


LINES = TEXT.map(lambda text: text.replace("\r\n", "\0").replace("\r", "").replace("\0", "\r\n"))


@given(before=LINES, middle=LINES, after=LINES, new=TEXT)
def test_only_the_span_changes_byte_for_byte(
    before: str, middle: str, after: str, new: str
) -> None:
    content = (before + middle + after).encode("utf-8", "surrogateescape")
    decoded = decode(content)
    assume(middle and decoded is not None)
    assert decoded is not None
    assume(decoded.codec == "utf-8" and not decoded.bom)
    start = len(before.encode("utf-8", "surrogateescape"))
    end = len(content) - len(after.encode("utf-8", "surrogateescape"))
    try:
        splices = find_splices(decoded.text, middle, new, replace_all=False)
    except NoUniqueMatch:
        return
    result = edited_bytes(content, decoded, splices)
    assert result == encode(decoded, apply_splices(decoded.text, splices))
    assert result.startswith(content[:start])
    assert result.endswith(content[end:])


@given(
    text=TEXT,
    old=TEXT,
    new=TEXT,
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    replace_all=st.booleans(),
)
def test_in_every_encoding_all_bytes_outside_the_splices_stay(
    text: str, old: str, new: str, codec: str, replace_all: bool
) -> None:
    try:
        content = text.encode(codec)
        new.encode(codec)
    except UnicodeEncodeError:
        return
    decoded = decode(content)
    if decoded is None or not old:
        return
    try:
        splices = find_splices(decoded.text, old, new, replace_all=replace_all)
    except NoUniqueMatch:
        return
    assert list(splices) == sorted(splices, key=lambda splice: splice.start)
    result = edited_bytes(content, decoded, splices)
    assert result == encode(decoded, apply_splices(decoded.text, splices))


@given(text=TEXT, old=TEXT.filter(bool))
def test_a_text_replaced_by_itself_leaves_everything(text: str, old: str) -> None:
    try:
        assert edited(text, old, old, replace_all=True) == text
    except NoUniqueMatch:
        return


@given(
    lines=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["\n", "\r\n"])), min_size=3)
)
def test_line_ends_around_a_changed_line_stay_mixed(lines: list[tuple[str, str]]) -> None:
    text = "".join(letter + end for letter, end in lines)
    whole = "".join(letter + "\n" for letter, _ in lines)
    changed = whole[:2] + "X" + whole[3:]
    expected = "".join(
        ("X" if number == 1 else letter) + end for number, (letter, end) in enumerate(lines)
    )
    assert edited(text, whole, changed) == expected
