"""Changes side by side where the screen is wide, unified where it is not."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from vtcode_tui.conversation.results import DiffDisplay, DiffLine, FileDiff
from vtcode_tui.tui.blocks.displays import display_lines
from vtcode_tui.tui.blocks.pairing import SPLIT_WIDTH, pairs
from vtcode_tui.tui.rendering.diff import diff_lines

HUNK = (
    DiffLine("context", 1, 1, "first = 1"),
    DiffLine("removed", 2, None, "old = 2"),
    DiffLine("removed", 3, None, "older = 3"),
    DiffLine("added", None, 2, "new = '日本' " + "x" * 70),
    DiffLine("context", 4, 3, "last = 4"),
    DiffLine("added", None, 4, "added = 5"),
)
DIFF = FileDiff("a.py", (HUNK,), 2, 2)


def test_lines_stand_beside_what_took_their_place() -> None:
    assert list(pairs(HUNK)) == [(0, 0), (1, 3), (2, None), (4, 4), (None, 5)]


def transcript_rows(diff: FileDiff, width: int) -> list[str]:
    return [line.text for line in display_lines(DiffDisplay(diff), width)]


def modal_rows(diff: FileDiff, width: int) -> list[str]:
    return [row.plain for row in diff_lines(diff, width)]


@pytest.mark.parametrize("rows_of", [transcript_rows, modal_rows])
def test_a_wide_change_has_both_sides_in_one_row_and_loses_nothing(rows_of: object) -> None:
    assert callable(rows_of)
    rows = rows_of(DIFF, SPLIT_WIDTH)
    row = next(row for row in rows if "old = 2" in row)
    assert "new = '日本'" in row
    assert row.index("old = 2") < row.index("│") < row.index("new")
    assert len({cell_len(row[: row.index("│")]) for row in rows}) == 1
    assert all(cell_len(row) <= SPLIT_WIDTH for row in rows)
    assert "".join(rows).count("x") == 70
    assert len(rows) == 6, "the long line takes two rows"


@pytest.mark.parametrize("rows_of", [transcript_rows, modal_rows])
def test_a_narrow_change_and_a_new_file_are_unified(rows_of: object) -> None:
    assert callable(rows_of)
    assert not any("│" in row for row in rows_of(DIFF, SPLIT_WIDTH - 1))
    new = FileDiff("a.py", ((DiffLine("added", None, 1, "x = 1"),),), 1, 0, is_new_file=True)
    assert not any("│" in row for row in rows_of(new, 200))


def test_a_broken_line_shows_that_it_goes_on() -> None:
    rows = transcript_rows(DIFF, 40)
    broken = [row for row in rows if row.lstrip().startswith("┆")]
    assert len(broken) == 2
