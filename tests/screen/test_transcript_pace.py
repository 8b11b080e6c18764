"""The rendering pace of the page while text streams."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.screen.transcript_app import TranscriptApp, rows, show, until
from vtcode_tui.conversation.events import TextDelta, TurnStarted
from vtcode_tui.transcript.blocks import AnswerBlock
from vtcode_tui.tui.blocks.block_view import BlockView


@pytest.mark.anyio
async def test_a_render_that_took_long_once_leaves_no_gap_after_it() -> None:
    now_s = 100.0
    app = TranscriptApp(clock=lambda: now_s)
    async with app.run_test(size=(60, 12)) as pilot:
        await show(pilot, TurnStarted(1, "a question"))
        view, render = app.view, app.view._render_dirty

        def slow(end: float) -> bool:
            nonlocal now_s
            now_s += 0.4  # As on a busy machine.
            return render(end)

        view._render_dirty = slow  # type: ignore[method-assign]
        view.apply(TextDelta("an answer"))
        now_s += 1
        await until(pilot, lambda: any("an answer" in row for row in rows(pilot)))
        assert 0 < view._resume_at - now_s <= 0.06


@pytest.mark.anyio
async def test_a_flood_is_rendered_in_slices_and_painted_once_a_frame() -> None:
    now_s = 100.0

    def clock() -> float:
        nonlocal now_s
        now_s += 0.0005  # As if everything between two readings of the clock took this long.
        return now_s

    app = TranscriptApp(clock)
    async with app.run_test(size=(60, 12)) as pilot:
        await show(pilot, TurnStarted(1, "a question"), TextDelta("The beginning.\n\n"))
        view = app.view
        render, repaint = view._render_dirty, view._repaint
        slices: list[int] = []
        paints: list[float] = []

        def one_slice(end: float) -> bool:
            before = view.page.views[-1].final_renders
            is_more = render(end)
            slices.append(view.page.views[-1].final_renders - before)
            # However it is drawn meanwhile, no row below the end of the text is visible.
            assert view.scroll_offset.y + view.size.height <= max(view.page.total, 12)
            return is_more

        def one_paint(first_line: int, *, same_height: bool) -> None:
            paints.append(now_s)
            repaint(first_line, same_height=same_height)

        view._render_dirty = one_slice  # type: ignore[method-assign]
        view._repaint = one_paint  # type: ignore[method-assign]
        view.apply(TextDelta("".join(f"Paragraph {n}.\n\n" for n in range(120)) + "The end."))
        await until(pilot, lambda: any("The end." in row for row in rows(pilot)))
        assert sum(slices) >= 120
        assert max(slices) <= 8  # 4 ms of them.
        assert len(paints) < len(slices) / 2
        assert all(after - before >= 0.03 for before, after in pairwise(paints[:-1]))


@pytest.mark.anyio
async def test_a_late_timer_leaves_a_turn_of_the_loop_between_two_slices() -> None:
    now_s = 100.0
    app = TranscriptApp(clock=lambda: now_s)
    async with app.run_test(size=(60, 12)) as pilot:
        await show(pilot, TurnStarted(1, "a question"))
        view = app.view
        ends: list[float] = []

        def unfinished(end: float) -> bool:
            ends.append(end)
            return True

        view._render_dirty = unfinished  # type: ignore[method-assign]
        now_s += 1
        view._tick()
        view._tick()
        assert ends == [now_s + 0.004]
        now_s += 0.008
        view._tick()
        assert len(ends) == 2


def test_text_is_parsed_in_slices_too() -> None:
    block = AnswerBlock()
    block.text.append("word " * 20_000)
    view = BlockView(block)
    turns = 1
    while not view.render(80, 0.0, lambda: False):
        turns += 1
    assert turns >= 20
    assert sum(line.text.count("word") for line in view.lines) == 20_000
