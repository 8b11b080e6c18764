"""Text selection with the mouse, and copying its source text."""

from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from tests.screen.transcript_app import (
    TranscriptApp,
    row_of,
    rows,
    settle,
    show,
    tool_call,
)
from vtcode_tui.conversation.events import (
    ReasoningDelta,
    TextDelta,
    TurnStarted,
)
from vtcode_tui.conversation.results import (
    DiffDisplay,
    DiffLine,
    FileDiff,
)

pytestmark = pytest.mark.anyio


async def test_selected_text_is_copied_as_it_was_written() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(40, 20)) as pilot:
        source = "one two three four five six seven eight nine ten eleven"
        await show(pilot, TextDelta(source + "\n\n```python\nx = 1\n```\n"))
        last = row_of(pilot, "x = 1")
        await pilot.mouse_down(app.view, offset=(4, 1))
        await pilot.hover(app.view, offset=(20, last))
        await pilot.mouse_up(app.view, offset=(20, last))
        await pilot.pause()
        assert app.screen.get_selected_text() == source + "\n\n\nx = 1"


async def test_a_part_of_a_line_can_be_selected_and_is_marked() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, TextDelta("one two three"))
        await pilot.mouse_down(app.view, offset=(8, 1))
        await pilot.hover(app.view, offset=(10, 1))
        await pilot.mouse_up(app.view, offset=(10, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() == "two"
        marked = app.screen.get_component_rich_style("screen--selection").bgcolor
        strip = app.view.render_lines(app.view.size.region)[1]
        texts = [part.text for part in strip if part.style and part.style.bgcolor == marked]
        assert texts == ["two"]
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        assert app.screen.get_selected_text() is None


async def test_a_drag_over_one_side_of_a_change_copies_that_side_as_it_is_in_the_file() -> None:
    long = "y = " + " + ".join(f"name_{number}" for number in range(10))
    lines = (
        DiffLine("context", 9, 9, "keep"),
        DiffLine("removed", 10, None, "x = 'old'"),
        DiffLine("added", None, 10, "x = 'new'"),
        DiffLine("added", None, 11, long),
        DiffLine("context", 11, 12, "end"),
    )
    diff = DiffDisplay(FileDiff("a.py", (lines,), 2, 1))
    app = TranscriptApp()
    async with app.run_test(size=(140, 20)) as pilot:
        view = await show(pilot, *tool_call("edit_file", display=diff))
        await pilot.click(app.view, offset=(10, row_of(pilot, "edit_file")))
        await settle(pilot)
        first, last = row_of(pilot, "keep"), row_of(pilot, "end")
        middle = rows(pilot)[first].rindex("keep")
        for column, text in (
            (rows(pilot)[first].index("keep"), "keep\nx = 'old'\nend"),
            (middle, f"keep\nx = 'new'\n{long}\nend"),
        ):
            view.screen.selections = {view: Selection(Offset(column, first), Offset(139, last))}
            assert app.screen.get_selected_text() == text
        marked = app.screen.get_component_rich_style("screen--selection").bgcolor
        strip = view.render_lines(view.size.region)[first]
        assert [part.text for part in strip if part.style and part.style.bgcolor == marked] == [
            "keep"
        ]


async def test_a_drag_over_a_header_does_not_toggle_it() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, ReasoningDelta("hidden thought"), TextDelta("answer"))
        await pilot.mouse_down(app.view, offset=(6, 1))
        await pilot.hover(app.view, offset=(12, 1))
        await pilot.mouse_up(app.view, offset=(12, 1))
        await settle(pilot)
        assert not any("hidden thought" in row for row in rows(pilot))


async def test_a_double_click_selects_a_word_and_a_third_click_the_block() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, TurnStarted(1, "question"), TextDelta("first\n\nsecond word here"))
        row = row_of(pilot, "second")
        await pilot.click(app.view, offset=(13, row), times=2)
        await pilot.pause()
        assert app.screen.get_selected_text() == "word"
        await pilot.click(app.view, offset=(13, row), times=3)
        await pilot.pause()
        assert app.screen.get_selected_text() == "first\n\nsecond word here"
