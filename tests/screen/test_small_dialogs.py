"""Dialogs in a terminal of 40 columns and 12 lines: the way out of each can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import chat_of, command, ready, until
from tests.screen.places import app_in, wait_for
from vtcode_tui.tui.sheet import fitted_hint

pytestmark = pytest.mark.anyio

OPENED_BY = ("ctrl+r", "ctrl+o", "f1", "/theme", "/sessions", "/permissions", "/effort")


async def test_the_way_out_of_each_is_on_the_screen(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(40, 12)) as pilot:
            await ready(pilot)
            server.script(*(reply("Yes.") for _ in range(14)))
            chat = chat_of(pilot)
            for number in range(14):
                chat.prompts.remember(f"prompt {number}")
            for how in OPENED_BY:
                if how.startswith("/"):
                    await command(pilot, how)
                else:
                    await pilot.press(how)
                await until(pilot, lambda: app.screen is not chat, f"{how} opens one")
                await wait_for(pilot, "esc ")
                await pilot.press("escape")
                await until(pilot, lambda: app.screen is chat, f"the chat after {how}")


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "enter open · ctrl+r rename · esc back"),
        (36, "enter open · esc back"),
        (20, "esc back"),
        (3, "esc back"),
    ],
)
def test_the_last_part_of_a_hint_is_the_one_that_stays(width: int, shown: str) -> None:
    assert fitted_hint("enter open · ctrl+r rename · esc back", width) == shown
