"""A typed letter is painted at once, whatever else is waiting to be painted."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate
from textual.app import ComposeResult
from textual.screen import Screen

from tests.screen.transcript_app import until
from vtcode_tui.conversation.events import TextDelta, TurnStarted
from vtcode_tui.tui.appearance import ReadableColours
from vtcode_tui.tui.composer import Composer
from vtcode_tui.tui.terminal_driver import TerminalDriver
from vtcode_tui.tui.transcript_view import TranscriptView


class EchoApp(ReadableColours[None]):
    """The transcript above the composer; ``painted`` holds the rows of each paint."""

    CSS = "TranscriptView { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.view = TranscriptView(clock=time.monotonic)
        self.composer = Composer()
        self.painted: list[set[int]] = []

    def compose(self) -> ComposeResult:
        yield self.view
        yield self.composer

    def on_mount(self) -> None:
        self.composer.focus()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, ChopsUpdate):
            self.painted.append({y for y, _, _ in renderable.spans})
        super()._display(screen, renderable)

    def row(self, y: int) -> str:
        return "".join(each.text for each in self.screen._compositor.render_strips()[y])


@pytest.mark.anyio
async def test_a_letter_is_painted_alone_before_the_next_loop_iteration() -> None:
    app = EchoApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.apply(TurnStarted(1, "a question"))
        app.view.apply(TextDelta("an answer"))
        await until(pilot, lambda: app.view.is_settled)
        await pilot.pause()
        app.painted.clear()
        app.view.refresh()
        await app.composer._on_key(events.Key("k", "k"))
        assert app.painted == [set(app.composer.region.line_range)]
        assert "k" in app.row(app.composer.region.y)
        # The other pending paints are not lost, and the letter is not painted twice.
        await until(pilot, lambda: len(app.painted) > 1)
        await pilot.pause()
        assert set(app.view.region.line_range) <= set.union(*app.painted[1:])
        assert app.composer.region.y not in set.union(*app.painted[1:])


@pytest.mark.anyio
async def test_a_prompt_is_painted_in_the_transcript_before_the_next_loop_iteration() -> None:
    app = EchoApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await until(pilot, lambda: app.view.is_settled)
        await pilot.pause()
        app.painted.clear()
        app.view.apply(TurnStarted(1, "a question"))
        (painted,) = app.painted
        assert "a question" in "".join(app.row(y) for y in painted)
        # Without a change there is nothing to paint.
        app.view.paint_changes()
        assert app.painted == [painted]


@pytest.mark.anyio
async def test_a_letter_that_grows_the_composer_is_painted_after_the_layout() -> None:
    app = EchoApp()
    async with app.run_test(size=(30, 12)) as pilot:
        app.composer.load_draft("word " * 5)
        await pilot.pause()
        before = app.composer.region
        app.painted.clear()
        while app.composer.wrapped_document.height == 1:
            app.painted.clear()
            await app.composer._on_key(events.Key("k", "k"))
        assert app.painted == []
        await until(pilot, lambda: app.composer.region.height == 2)
        await pilot.pause()
        assert app.composer.region.bottom == before.bottom
        assert "word" in app.row(before.y - 1)
        assert "k" in app.row(before.y)


@pytest.mark.anyio
async def test_a_key_reaches_the_app_in_one_loop_iteration() -> None:
    app = EchoApp()
    driver = TerminalDriver(app, debug=False, mouse=False, size=None)
    key = events.Key("k", "k")
    reader = threading.Thread(target=driver.send_message, args=(key,))
    reader.start()
    reader.join()
    await asyncio.sleep(0)
    assert app._message_queue.get_nowait() is key
