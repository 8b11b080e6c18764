"""A dialog opens and closes with one paint each, and dims the screen below as Textual does."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widgets import Static
from textual.widgets._toast import Toast

from tests.screen.painted import painted, painted_text
from tests.screen.stage import until
from vtcode_tui.tui.dialog import Dialog, DialogHost
from vtcode_tui.tui.model_picker import ModelPicker
from vtcode_tui.tui.model_rows import ModelRow
from vtcode_tui.tui.text_sheet import TextSheet


class PaintedApp(DialogHost[None]):
    """Records which screen each paint was of."""

    def __init__(self) -> None:
        super().__init__()
        self.paints: list[Screen[object]] = []

    def compose(self) -> ComposeResult:
        yield Static("below [b]it[/b] [@click=app.bell]and clickable[/]\n" * 30)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if renderable is not None:
            self.paints.append(screen)
        super()._display(screen, renderable)


def toasts_on(screen: Screen[Any]) -> list[str]:
    return [str(each.render()) for each in screen.query(Toast)]


class PlainDialog(Dialog[None]):
    BINDINGS = [Binding("escape", "dismiss", "Close")]  # noqa: RUF012 - Textual's own way

    def compose(self) -> ComposeResult:
        yield Static("a question", id="sheet")


@pytest.mark.anyio
async def test_a_dialog_is_painted_once_complete_and_closing_needs_no_layout() -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        below, dialog = app.screen, PlainDialog()
        app.paints.clear()
        await app.push_screen(dialog)
        await pilot.pause(0.1)
        # Textual alone needs four; a busy machine may need a second one.
        assert app.paints in ([dialog], [dialog] * 2)
        layouts: list[Screen[object]] = []
        below.screen_layout_refresh_signal.subscribe(below, layouts.append)
        await pilot.press("escape")
        await pilot.pause(0.1)
        assert below.is_current
        assert not layouts


@pytest.mark.anyio
async def test_the_backdrop_is_dimmed_like_textuals() -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24)) as pilot:
        below = app.screen
        await app.push_screen(TextSheet("Title", Content("short")))
        await pilot.pause()
        console = app.console
        expected = BackgroundScreen(below, app.screen.styles.background)
        options = console.options.update(width=80, height=24)
        lines = console.render_lines(expected, options, pad=False)
        shown = painted(app)
        # The sheet covers the middle; the first line shows only the screen below.
        whole = [(segment.text, segment.style) for segment in lines[0]]
        assert [(text, style) for text, style, _ in shown[0].simplify()] == whole
        assert "@click" not in str([style.meta for _, style, _ in shown[0] if style])


@pytest.mark.anyio
async def test_a_scrolling_sheet_is_painted_once_in_its_final_layout() -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        sheet = TextSheet("Lines", lambda _width: Content("\n".join(["a line"] * 100)))
        app.paints.clear()
        await app.push_screen(sheet)
        await sheet.opened.wait()
        opened_with = [widget.region for widget in sheet.query()]
        await pilot.pause(0.1)
        assert app.paints == [sheet]
        assert [widget.region for widget in sheet.query()] == opened_with


@pytest.mark.anyio
@pytest.mark.parametrize("count", [3, 60])
async def test_the_model_picker_opens_in_its_final_layout_with_a_scroll_bar(count: int) -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        picker = ModelPicker([ModelRow(f"model-{number}", "installed") for number in range(count)])
        app.paints.clear()
        await app.push_screen(picker)
        await picker.opened.wait()
        opened_with = [widget.region for widget in picker.query()]
        bars = [bar for bar in picker._compositor.visible_widgets if isinstance(bar, ScrollBar)]
        assert bool(bars) == (count == 60)
        picker.refresh(layout=True)
        await pilot.pause(0.1)
        assert app.paints[0] is picker
        assert [widget.region for widget in picker.query()] == opened_with


@pytest.mark.anyio
async def test_the_backdrop_follows_the_size_of_the_terminal() -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(PlainDialog())
        await pilot.resize_terminal(100, 30)
        await pilot.pause(0.1)
        strips = app.screen._compositor.render_strips()
        assert [strip.cell_length for strip in strips] == [100] * 30
        assert "below" in strips[-1].text


class LowDialog(PlainDialog):
    CSS = "#sheet { dock: bottom; height: 20; }"


@pytest.mark.anyio
async def test_a_shrinking_sheet_uncovers_the_backdrop() -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = LowDialog()
        await app.push_screen(dialog)
        await dialog.opened.wait()
        assert ["below" in line.text for line in painted(app)] == [True] * 4 + [False] * 20
        dialog.query_one("#sheet").styles.height = 6
        await pilot.pause(0.1)
        assert ["below" in line.text for line in painted(app)] == [True] * 18 + [False] * 6


@pytest.mark.anyio
async def test_a_toast_is_shown_in_a_dialog_and_goes_with_its_time() -> None:
    app = PaintedApp()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.notify("raised before", timeout=60)
        dialog = PlainDialog()
        await app.push_screen(dialog)
        await until(pilot, lambda: toasts_on(dialog) == ["raised before"], "the toast")
        app.notify("raised in it", timeout=2)
        await until(pilot, lambda: "raised in it" in painted_text(app), "the second toast")
        assert toasts_on(dialog) == ["raised before", "raised in it"]
        await until(pilot, lambda: toasts_on(dialog) == ["raised before"], "its end")
