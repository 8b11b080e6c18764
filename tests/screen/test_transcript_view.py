"""The transcript view in a real app, driven by keys and clicks."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
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
        backgrounds = {
            segment.style.bgcolor
            for row in (2, 3, 4)
            for segment in app.view.render_lines(app.view.size.region)[row]
            if segment.style and segment.text.strip() in ("keep", "old", "new")
        }
        assert len(backgrounds) == 3


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
        assert (
            len(shapes) == len(set(shapes)) + 1
        )  # a quote and code without a language share a bar


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
