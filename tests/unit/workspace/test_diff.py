"""Differences as data."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.conversation.results import FileDiff
from vtcode_tui.workspace.diff import NO_LAST_NEWLINE, file_diff


def shown(diff: FileDiff) -> list[str]:
    sign = {"context": " ", "added": "+", "removed": "-"}
    return [sign[line.kind] + line.text for hunk in diff.hunks for line in hunk]


def test_a_change_is_shown_with_three_lines_around_it_and_its_numbers() -> None:
    old = "".join(f"{number}\n" for number in range(1, 21))
    diff = file_diff("a", old, old.replace("10\n", "ten\n"))
    assert shown(diff) == [" 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"]
    assert (diff.added, diff.removed, diff.is_new_file) == (1, 1, False)
    numbers = [(line.old_number, line.new_number) for line in diff.hunks[0]]
    assert numbers[2:6] == [(9, 9), (10, None), (None, 10), (11, 11)]


def test_distant_changes_are_hunks_of_their_own_and_near_ones_share_one() -> None:
    old = "".join(f"{number}\n" for number in range(100))
    far = file_diff("a", old, old.replace("\n10\n", "\nx\n").replace("\n90\n", "\ny\n"))
    near = file_diff("a", old, old.replace("\n10\n", "\nx\n").replace("\n15\n", "\ny\n"))
    assert (len(far.hunks), len(near.hunks)) == (2, 1)


def test_a_new_file_is_all_added() -> None:
    diff = file_diff("a", None, "x\ny\n")
    assert (shown(diff), diff.is_new_file, diff.added) == (["+x", "+y"], True, 2)


def test_an_empty_new_file_has_no_hunks() -> None:
    assert file_diff("a", None, "").hunks == ()


def test_a_missing_last_line_end_is_said() -> None:
    assert shown(file_diff("a", "x\n", "x")) == ["-x", "+x", " " + NO_LAST_NEWLINE]


def test_a_change_of_line_ends_is_visible() -> None:
    assert shown(file_diff("a", "x\r\ny\r\n", "x\ny\r\n")) == ["-x\r", "+x", " y\r"]


def test_uniform_crlf_is_not_shown_on_every_line() -> None:
    assert shown(file_diff("a", "x\r\ny\r\n", "x\r\nz\r\n")) == [" x", "-y", "+z"]


def test_separators_that_are_no_line_feeds_do_not_break_lines() -> None:
    assert shown(file_diff("a", "x\u2028y\x0cz\n", "")) == ["-x\u2028y\x0cz"]


def test_a_huge_rewrite_is_quick() -> None:
    old = "".join(f"{number % 7}\n" for number in range(60_000))
    new = "".join(f"{number % 5}\n" for number in range(60_000))
    started = time.process_time()
    diff = file_diff("a", old, new)
    assert time.process_time() - started < 2
    assert diff.added > 50_000


def test_a_hostile_text_of_few_different_lines_is_quick() -> None:
    old = "".join("ab"[number * number % 7 % 2] + "\n" for number in range(4_000))
    new = "".join("ab"[number * number % 11 % 2] + "\n" for number in range(4_000))
    started = time.process_time()
    file_diff("a", old, new)
    assert time.process_time() - started < 5


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "d"]), max_size=25).map("".join)


@given(LINES, LINES)
def test_the_hunks_turn_the_old_text_into_the_new(old: str, new: str) -> None:
    diff = file_diff("a", old, new)
    old_lines, new_lines = old.split("\n"), new.split("\n")
    for hunk in diff.hunks:
        for line in hunk:
            if line.old_number is not None:
                assert old_lines[line.old_number - 1].rstrip("\r") == line.text.rstrip("\r")
            if line.new_number is not None:
                assert new_lines[line.new_number - 1].rstrip("\r") == line.text.rstrip("\r")
    lines = [line for hunk in diff.hunks for line in hunk]
    assert sum(line.kind == "added" for line in lines) == diff.added
    assert sum(line.kind == "removed" for line in lines) == diff.removed
    assert diff.added - diff.removed == _count(new) - _count(old)
    assert bool(diff.hunks) == (old != new)


def _count(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n") and text != "")
