"""The transcript view in a real app, driven by keys and clicks."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip
from textual.widgets import Input

from tests.screen.transcript_app import (
    TranscriptApp,
    row_of,
    rows,
    settle,
    show,
    tool_call,
    turns,
    until,
)
from vtcode_tui.conversation.approvals import ApprovalRequest
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    TextDelta,
    ToolCallRequested,
    ToolCallStarted,
    ToolOutputDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import (
    DiffDisplay,
    DiffLine,
    FileDiff,
    Outcome,
    TextDisplay,
)
from vtcode_tui.errors import ServerUnreachable
from vtcode_tui.transcript.blocks import AnswerBlock

pytestmark = pytest.mark.anyio

CALL = ToolCall("c", "run_terminal_cmd", {})


async def test_a_conversation_is_told_by_shapes() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 40)) as pilot:
        await show(
            pilot,
            TurnStarted(1, "question"),
            ReasoningDelta("some thoughts here"),
            *tool_call(),
            TextDelta("An **answer**."),
            NoticeRaised(NoticeLevel.WARNING, "careful"),
            TurnFinished(TurnEnd.CANCELLED, 1.0),
            TurnStarted(2, "again"),
            TurnFinished(
                TurnEnd.FAILED, 1.0, ServerUnreachable("No.", why="Because.", advice="ollama serve")
            ),
        )
        assert [row for row in rows(pilot) if row] == [
            "  ▌ question",
            "  ▸ Thought · 3 words",
            "  ✓ read_file a.py · 3 lines · 0.4s ▸",
            "    An answer.",
            "  ! careful",
            "  ■ Interrupted.",
            "  ▌ again",
            "  ✗ No.",
            "    Because.",
            "    → ollama serve",
            "      To try this prompt again: /retry",
        ]


async def test_thinking_shows_its_last_lines_live_and_one_line_when_it_is_over() -> None:
    now = [100.0]
    app = TranscriptApp(clock=lambda: now[0])
    async with app.run_test(size=(60, 20)) as pilot:
        words = [f"thought{number} " for number in range(100)]
        view = await show(pilot, *(ReasoningDelta(word) for word in words))
        live = [row for row in rows(pilot) if row]
        assert live[0] == "  ▸ Thinking… 0s"
        assert len(live) == 5
        assert live[-1].endswith("thought99")
        now[0] = 112.0
        await until(pilot, lambda: "12s" in rows(pilot)[1])
        view.apply(TextDelta("x"))
        now[0] = 113.0
        await until(pilot, lambda: "  ▸ Thought for 12s · 100 words" in rows(pilot))


async def test_a_click_on_the_header_of_thinking_opens_and_folds_it() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, ReasoningDelta("hidden thought"), TextDelta("answer"))
        for is_open in (True, False):
            await pilot.click(app.view, offset=(10, row_of(pilot, "Thought")))
            await settle(pilot)
            assert any("hidden thought" in row for row in rows(pilot)) is is_open


async def test_keys_walk_the_blocks_and_fold_them() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 30)) as pilot:
        await show(pilot, TurnStarted(1, "q"), ReasoningDelta("hidden thought"), TextDelta("a"))
        app.view.focus()
        await pilot.press("up", "up")
        assert rows(pilot)[row_of(pilot, "Thought")].startswith("▌")
        await pilot.press("enter")
        await settle(pilot)
        assert any("hidden thought" in row for row in rows(pilot))
        await pilot.press("enter")
        await settle(pilot)
        assert not any("hidden thought" in row for row in rows(pilot))
        await pilot.press("up", "up", "up")
        assert app.view.cursor == 0
        app.query_one(Input).focus()
        await pilot.pause()
        assert not any(row.startswith("▌") for row in rows(pilot))


async def test_one_action_opens_all_thinking_and_folds_it_again() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 60)) as pilot:
        view = await show(pilot, *turns(2))
        for count in (2, 0):
            view.action_toggle_thinking()
            await settle(pilot)
            assert sum("considering" in row for row in rows(pilot)) == count
        view.action_toggle_all()
        await settle(pilot)
        assert sum("considering" in row or "shown line" in row for row in rows(pilot)) == 6


async def test_a_failed_call_is_open_and_a_good_one_is_not() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(
            pilot, *tool_call(subject="good"), *tool_call(subject="bad", outcome=Outcome.FAILED)
        )
        texts = rows(pilot)
        assert [row for row in texts if row][:3] == [
            "  ✓ read_file good · 3 lines · 0.4s ▸",
            "  ✗ read_file bad · 3 lines · 0.4s ▾",
            "    │ first shown line",
        ]


async def test_a_running_command_shows_its_last_lines_and_its_time() -> None:
    now = [0.0]
    app = TranscriptApp(clock=lambda: now[0])
    async with app.run_test(size=(60, 20)) as pilot:
        await show(
            pilot,
            ToolCallRequested(CALL, "make"),
            ToolCallStarted("c"),
            *(ToolOutputDelta("c", f"line {number}\n") for number in range(9)),
        )
        shown = [row for row in rows(pilot) if row]
        assert shown[1:] == [f"    │ line {number}" for number in range(4, 9)]
        now[0] = 7.0
        await until(pilot, lambda: "7s" in rows(pilot)[1])


async def test_a_call_that_waits_for_approval_says_so() -> None:
    request = ApprovalRequest("r", CALL, "Run", "make", TextDisplay(""), "/w", "rule", "scope")
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, ToolCallRequested(CALL, "make"), ApprovalRequested(request))
        assert rows(pilot)[1] == "  ? run_terminal_cmd make · waiting for approval"


async def test_a_diff_opens_with_numbers_signs_and_grounds() -> None:
    lines = (
        DiffLine("context", 9, 9, "keep"),
        DiffLine("removed", 10, None, "old"),
        DiffLine("added", None, 10, "new"),
    )
    diff = DiffDisplay(FileDiff("a.py", (lines,), 1, 1))
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, *tool_call("edit_file", display=diff))
        await pilot.click(app.view, offset=(10, row_of(pilot, "edit_file")))
        await settle(pilot)
        assert [row[4:] for row in rows(pilot)[2:5]] == [" 9   keep", "10 - old", "10 + new"]
        grounds = {
            segment.style.bgcolor
            for row in (2, 3, 4)
            for segment in app.view.render_lines(app.view.size.region)[row]
            if segment.style and segment.text.strip() in ("keep", "old", "new")
        }
        assert len(grounds) == 3


async def test_the_view_follows_until_the_user_scrolls_up_and_again_at_the_end() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        view = await show(pilot, *turns(5))
        assert any("end of 4" in row for row in rows(pilot))
        view.focus()
        await pilot.press("pageup")
        await settle(pilot)
        before = rows(pilot)
        await show(pilot, *turns(2))
        assert rows(pilot) == before
        await pilot.press("end")
        await settle(pilot)
        assert any("end of 1" in row for row in rows(pilot))
        states = [(message.is_following, message.has_new_below) for message in app.heard]
        assert states == [(False, False), (False, True), (True, False)]


async def test_the_mouse_wheel_stops_following_and_its_way_back_follows_again() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        view = await show(pilot, *turns(5))
        view.scroll_up(animate=False)
        await until(pilot, lambda: not view.is_following)
        view.scroll_down(animate=False)
        await until(pilot, lambda: view.is_following)


async def test_reading_is_not_disturbed_by_a_stream_below() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(pilot, *turns(3), TextDelta("word " * 400))
        app.view.focus()
        await pilot.press("home")
        await settle(pilot)
        before = rows(pilot)
        for _ in range(5):
            await show(pilot, TextDelta("more and more\n\n" * 5))
            assert rows(pilot) == before


async def test_opening_a_block_above_keeps_the_line_that_is_read() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        view = await show(pilot, *turns(4))
        view.focus()
        await pilot.press("pageup")
        await settle(pilot)
        first = next(row for row in rows(pilot) if row)
        view.page.views[1].set_open(True)
        view.mark_changed(1)
        await settle(pilot)
        assert next(row for row in rows(pilot) if row) == first


async def test_a_resize_keeps_the_place_and_renders_what_is_visible() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(100, 30)) as pilot:
        view = await show(pilot, *turns(30))
        view.focus()
        await pilot.press("pageup", "pageup", "pageup")
        await settle(pilot)
        top = next(row for row in rows(pilot) if "question" in row)
        await pilot.resize_terminal(60, 30)
        await settle(pilot)
        assert top in rows(pilot)
        assert all(len(row) <= 60 for row in rows(pilot))
        first, last = view.scroll_offset.y, view.scroll_offset.y + view.size.height
        assert all(view.page.is_fresh(index) for index in view.page.between(first, last))


async def test_a_resize_keeps_following() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await show(pilot, *turns(10))
        for size in ((50, 30), (120, 12), (30, 40)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert app.view.is_following
            assert any("end of 9" in " ".join(rows(pilot)) for _ in (0,))


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


async def test_a_long_prompt_shows_its_beginning_until_it_is_clicked() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 40)) as pilot:
        prompt = "\n".join(f"line {number}" for number in range(30))
        await show(pilot, TurnStarted(1, prompt))
        assert sum("line" in row for row in rows(pilot)) == 10
        await pilot.click(app.view, offset=(6, row_of(pilot, "more")))
        await settle(pilot)
        assert sum("line" in row for row in rows(pilot)) == 30


async def test_clearing_takes_everything_away() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        view = await show(pilot, *turns(5))
        view.clear()
        await pilot.pause()
        assert not any(rows(pilot))
        await show(pilot, TurnStarted(1, "fresh"))
        assert rows(pilot)[1] == "  ▌ fresh"


async def test_a_loaded_conversation_looks_like_the_live_one() -> None:
    events = list(turns(20))
    screens = []
    for is_live in (True, False):
        app = TranscriptApp(clock=lambda: 0.0)
        async with app.run_test(size=(60, 20)) as pilot:
            if is_live:
                await show(pilot, *events)
            else:
                app.view.load(events)
                await settle(pilot)
            screens.append(rows(pilot))
    assert screens[0] == screens[1]


async def test_without_changes_no_timer_runs() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        view = await show(pilot, *turns(3))
        idle = [view.is_idle]
        view.apply(TextDelta("more"))
        idle.append(view.is_idle)
        await settle(pilot)
        idle.append(view.is_idle)
        assert idle == [True, False, True]


async def test_finished_parts_are_rendered_once_and_widgets_do_not_grow() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        widgets = len(list(app.screen.walk_children()))
        view = await show(pilot, *turns(5))
        for number in range(300):
            view.apply(TextDelta(f"item {number} of a long answer\n\n"))
            if number % 20 == 0:
                await settle(pilot)
        await show(pilot, TurnFinished(TurnEnd.DONE, 1.0))
        app.theme = "textual-light"
        await settle(pilot)
        for block_view in view.page.views:
            block = block_view.block
            parts = len(block.markdown.pieces) if isinstance(block, AnswerBlock) else 1
            assert block_view.final_renders == parts, block
        assert len(list(app.screen.walk_children())) == widgets


async def test_another_width_renders_finished_parts_once_more() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await show(pilot, *turns(3))
        before = [block_view.final_renders for block_view in view.page.views]
        await pilot.resize_terminal(60, 24)
        await settle(pilot)
        after = [block_view.final_renders for block_view in view.page.views]
        assert after == [2 * count for count in before]


async def test_a_theme_changes_colours_and_renders_nothing_again() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = await show(pilot, *turns(3))
        before = [block_view.final_renders for block_view in view.page.views]
        strips = view.render_lines(view.size.region)
        app.theme = "solarized-light"
        await settle(pilot)
        assert view.render_lines(view.size.region) != strips
        assert [block_view.final_renders for block_view in view.page.views] == before


async def test_keys_go_through_a_block_that_is_higher_than_the_screen() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        answer = "\n".join(f"- item {number}" for number in range(60))
        view = await show(pilot, TurnStarted(1, "q"), TextDelta(answer), TurnStarted(2, "r"))
        view.focus()
        seen: set[str] = set()
        for _ in range(12):
            await pilot.press("up")
            await settle(pilot)
            seen.update(row.lstrip("▌ ") for row in rows(pilot))
        assert {f"• item {number}" for number in range(60)} <= seen
        assert view.cursor == 0
        for _ in range(12):
            await pilot.press("down")
        await settle(pilot)
        assert view.cursor == 2
        assert view.is_following


async def test_a_conversation_can_be_loaded_before_the_view_is_on_a_screen() -> None:
    app = TranscriptApp()
    app.view.load(turns(8))
    app.view.apply(TurnStarted(9, "the newest"))
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        assert "  ▌ the newest" in rows(pilot)
        assert app.view.is_following


async def test_without_colours_blocks_still_differ_by_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await show(
            pilot,
            TurnStarted(1, "text"),
            TextDelta("text\n\n> text\n\n```\ntext\n```\n\n- text"),
            NoticeRaised(NoticeLevel.INFO, "text"),
            TurnFinished(TurnEnd.FAILED, 1.0, ServerUnreachable("text")),
        )
        shapes = [row for row in rows(pilot) if row]
        assert len(shapes) == len(set(shapes)) + 1  # a quote and code without a name share a bar


async def test_the_first_paint_has_the_hints_in_whole_lines() -> None:
    painted: list[str] = []

    class Watched(TranscriptApp):
        def compose(self) -> ComposeResult:
            self.view.hints = ("Ask about the code in this folder.",)
            draw = self.view.render_line

            def watched(y: int) -> Strip:
                strip = draw(y)
                painted.append(strip.text.strip())
                return strip

            self.view.render_lines = lambda crop: [watched(y) for y in crop.line_range]  # type: ignore[method-assign]
            yield from super().compose()

    async with Watched().run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ask about the code in this folder." in painted)
        assert {line for line in painted if line} == {"Ask about the code in this folder."}
