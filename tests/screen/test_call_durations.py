"""A tool call's time is the time that the tool ran, on the app's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.more_scenes import turn_ended
from tests.screen.scenes import MODEL, asked_to_run, make_app, screen_text, turn_over
from vtcode_tui.tui.app import VtcodeApp

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(tmp_path: Path) -> Iterator[VtcodeApp]:
    with FakeOllama() as server:
        command = {"command": "sleep 0.3; echo over"}
        server.script(reply(calls=[("run_terminal_cmd", command)]), reply("It is over."))
        yield make_app(server.url, model=MODEL, theme="textual-dark", state_dir=tmp_path)


async def test_a_command_takes_no_time_while_the_clock_stands_still(app: VtcodeApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await asked_to_run(pilot)
        await pilot.press("down", "down", "enter")
        await turn_ended(pilot)
        await turn_over(pilot, "It is over.")
        assert "echo over · exit 0 ▸" in screen_text(pilot)


async def test_the_time_that_a_user_takes_to_deny_is_not_shown(app: VtcodeApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await asked_to_run(pilot)
        await pilot.press("escape")
        await turn_over(pilot, "denied")
        assert "echo over · denied ▸" in screen_text(pilot)
