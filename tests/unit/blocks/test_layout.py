"""Where lines are on the page, and places that are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.conversation.events import NoticeLevel
from vtcode_tui.transcript.blocks import NoticeBlock, PromptBlock, ToolCallBlock, ToolState
from vtcode_tui.tui.blocks.heights import HeightIndex
from vtcode_tui.tui.blocks.layout import Layout

_CHANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=30)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), _CHANGES)
def test_sums_of_heights_are_right_after_any_change(
    heights: list[int], changes: list[tuple[int, int]]
) -> None:
    index = HeightIndex()
    for height in heights:
        index.append(height)
    for position, height in changes:
        heights[position % len(heights)] = height
        index.set(position % len(heights), height)
        assert index.top(position % len(heights)) == sum(heights[: position % len(heights)])
    assert index.total == sum(heights)
    lines = [(n, line) for n, height in enumerate(heights) for line in range(height)]
    assert [index.at(number) for number in range(index.total)] == lines


def notices(*line_counts: int, width: int = 40) -> Layout:
    """Rendered notices of these heights, each with a blank line before it."""
    layout = Layout()
    layout.resize(width)
    for count in line_counts:
        layout.add(NoticeBlock(NoticeLevel.INFO, "\n".join(["line"] * count)))
    for index in range(len(line_counts)):
        layout.render(index, 0.0, lambda: True)
    return layout


def test_a_line_is_found_in_its_block_or_in_the_gap_before_it() -> None:
    layout = notices(2, 3)
    assert [layout.at(line) for line in range(7)] == [
        (0, -1),
        (0, 0),
        (0, 1),
        (1, -1),
        (1, 0),
        (1, 1),
        (1, 2),
    ]
    assert layout.total == 8
    assert list(layout.between(2, 4)) == [0, 1]


def test_lines_of_activity_stand_close_together_until_one_is_opened() -> None:
    layout = Layout()
    layout.resize(40)
    layout.add(PromptBlock("prompt"))
    for number in range(2):
        block = ToolCallBlock(str(number), "read_file", "a.py", ToolState.RUNNING)
        layout.add(block)
        layout.render(number + 1, 0.0, lambda: True)
    assert [view.gap for view in layout.views] == [1, 1, 0]
    first = layout.views[1].block
    assert isinstance(first, ToolCallBlock)
    first.output.append("a\nb\n")
    layout.views[1].mark_dirty()
    layout.render(1, 0.0, lambda: True)
    assert [view.gap for view in layout.views] == [1, 1, 1]


def test_a_place_survives_what_grows_above_it() -> None:
    layout = notices(2, 30, 5)
    place = layout.place(10, 20)
    assert place is not None
    block = layout.views[0].block
    assert isinstance(block, NoticeBlock)
    block.text += "\nmore" * 7
    layout.views[0].mark_dirty()
    layout.render(0, 0.0, lambda: True)
    assert layout.line_of(place) == 17


def test_a_place_in_a_block_that_is_wrapped_anew_keeps_its_share() -> None:
    layout = Layout()
    layout.resize(80)
    layout.add(NoticeBlock(NoticeLevel.INFO, "word " * 600))
    layout.render(0, 0.0, lambda: True)
    height = layout.total
    place = layout.place(height // 2, height // 2 + 5, is_scaled=True)
    assert place is not None
    layout.resize(40)
    layout.render(0, 0.0, lambda: True)
    assert abs(layout.line_of(place) - layout.total // 2) <= 2


def test_what_is_not_rendered_is_guessed_and_found_from_the_visible_part_outwards() -> None:
    layout = notices(1, 1, 1, 1, 1)
    layout.resize(30)
    assert list(dict.fromkeys(layout.stale_near(4, 5, 100))) == [2, 1, 0, 3, 4]
    layout.render(2, 0.0, lambda: True)
    assert list(layout.stale_near(4, 5, 100)) == [1, 0, 3, 4]
