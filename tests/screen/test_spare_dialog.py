"""The next dialog is mounted before it is opened, and only used if nothing has changed since."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.screen import Screen
from textual.selection import Selection

from tests.fakes.ollama_server import FakeOllama
from tests.screen.painted import painted_text
from tests.screen.places import MODEL, app_in
from tests.screen.scenes import wait_for
from tests.screen.stage import until
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.chat_screen import ChatScreen
from vtcode_tui.tui.model_picker import ModelPicker

pytestmark = pytest.mark.anyio


def waiting(app: VtcodeApp) -> list[ModelPicker]:
    """The pickers that are mounted and not opened."""
    mounted = [each for each in app._registry if isinstance(each, ModelPicker)]
    return [each for each in mounted if each.is_mounted and each not in app.screen_stack]


async def opened(pilot: Pilot[int]) -> ModelPicker:
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(pilot.app.screen, ModelPicker), "the picker")
    picker = pilot.app.screen
    assert isinstance(picker, ModelPicker)
    await until(pilot, picker.opened.is_set, "its paint")
    return picker


async def closed(pilot: Pilot[int]) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChatScreen), "the chat")


async def test_each_opening_uses_the_picker_that_waits_for_it(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            for _ in range(3):
                await until(pilot, lambda: len(waiting(app)) == 1, "a picker that waits")
                (spare,) = waiting(app)
                assert spare.focused is None
                picker = await opened(pilot)
                assert picker is spare
                assert picker.focused is picker.query_one("#query")
                await wait_for(pilot, "installed")
                await closed(pilot)


async def test_mounting_a_picker_leaves_text_selected(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_for(pilot, f"ready · {MODEL}")
            chat = app.screen
            assert isinstance(chat, ChatScreen)
            chat.selections = {chat.transcript: Selection(Offset(0, 0), Offset(9, 0))}
            await until(pilot, lambda: len(waiting(app)) == 1, "a picker that waits")
            assert chat.selections


async def test_only_a_picker_that_is_opened_sets_the_pointer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting: list[Screen[object]] = []
    monkeypatch.setattr(Screen, "_watch__pointer_shape", lambda self, _: setting.append(self))
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: len(waiting(app)) == 1, "a picker that waits")
            assert setting
            assert not [each for each in setting if isinstance(each, ModelPicker)]
            shapes: list[str] = []
            monkeypatch.setattr(app, "_set_pointer_shape", shapes.append)
            await opened(pilot)
            assert shapes == ["default"]


@pytest.mark.parametrize("change", ["theme", "size"])
async def test_a_picker_of_another_look_is_not_used(tmp_path: Path, change: str) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: len(waiting(app)) == 1, "a picker that waits")
            (spare,) = waiting(app)
            if change == "theme":
                app.theme = "textual-light"
            else:
                await pilot.resize_terminal(60, 15)
            picker = await opened(pilot)
            assert picker is not spare
            await until(pilot, lambda: not spare.is_running, "the other one's end")
            assert picker.has_class("-short") == (change == "size")


async def test_a_picker_that_waits_knows_the_current_model(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: len(waiting(app)) == 1, "a picker that waits")
            await opened(pilot)
            await wait_for(pilot, "installed")
            other = next(name for each in server.models if (name := each["name"]) != MODEL)
            await pilot.press(*other.replace(":", ""), "enter")
            await until(pilot, lambda: isinstance(app.screen, ChatScreen), "the chat")
            await until(pilot, lambda: len(waiting(app)) == 1, "a picker that waits")
            await opened(pilot)
            assert f"keep {other}" in painted_text(app)
