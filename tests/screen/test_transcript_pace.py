"""How the page paces itself while text streams."""

from __future__ import annotations

import pytest

from tests.screen.transcript_app import TranscriptApp, rows, show, until
from vtcode_tui.conversation.events import TextDelta, TurnStarted


@pytest.mark.anyio
async def test_a_render_that_took_long_once_leaves_no_gap_after_it() -> None:
    now_s = 100.0
    app = TranscriptApp(clock=lambda: now_s)
    async with app.run_test(size=(60, 12)) as pilot:
        await show(pilot, TurnStarted(1, "a question"))
        view, render = app.view, app.view._render_dirty

        def slow(end: float) -> bool:
            nonlocal now_s
            now_s += 0.4  # As on a machine that is busy with something else.
            return render(end)

        view._render_dirty = slow  # type: ignore[method-assign]
        view.apply(TextDelta("an answer"))
        now_s += 1
        await until(pilot, lambda: any("an answer" in row for row in rows(pilot)))
        assert 0 < view._resume_at - now_s <= 0.06
