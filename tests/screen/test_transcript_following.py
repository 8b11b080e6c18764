"""The transcript follows its end, and keeps its position while the user reads elsewhere."""

from __future__ import annotations

import pytest

from tests.screen.transcript_app import (
    TranscriptApp,
    rows,
    settle,
    show,
    turns,
    until,
)
from vtcode_tui.conversation.events import (
    TextDelta,
)

pytestmark = pytest.mark.anyio


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
