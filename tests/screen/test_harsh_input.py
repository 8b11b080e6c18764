"""Keys and sizes that come faster than anything can follow, or smaller than anything can be shown."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.scenes import MODEL, make_app, send, wait_for
from tests.screen.stage import send_key

pytestmark = pytest.mark.anyio


async def test_enter_twice_at_once_chooses_once_from_the_palette() -> None:
    with FakeOllama() as server:
        app = make_app(server.url, model=MODEL, theme="textual-dark")
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await wait_for(pilot, f"ready · {MODEL}")
            for _ in range(3):
                await pilot.press("ctrl+p", *"timing")
                await wait_for(pilot, "/timing")
                for _ in range(3):
                    send_key(app, "enter")
                await wait_for(pilot, "Time of each request")
                await pilot.press("escape")
                await wait_for(pilot, f"ready · {MODEL}")


def assert_painted(pilot: Pilot[int]) -> None:
    """Check that every cell of the screen has content; otherwise Textual ends the app with an
    error."""
    compositor = pilot.app.screen._compositor
    chops = compositor._render_chops(compositor.size.region, lambda _: True)
    assert all(strip is not None for line in chops for strip in line.values())


@pytest.mark.parametrize("command", ["", "/help", "/model", "/permissions", "/theme"])
async def test_every_size_is_painted_also_while_it_changes(command: str) -> None:
    with FakeOllama() as server:
        app = make_app(server.url, model=MODEL, theme="textual-dark")
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, f"ready · {MODEL}")
            if command:
                await send(pilot, command)
                await wait_for(pilot, "esc")
            for columns, rows in ((3, 3), (141, 39), (1, 1), (2, 40), (99, 2), (4, 51), (80, 24)):
                size = Size(columns, rows)
                app.screen._compositor.reflow(app.screen, size)
                assert_painted(pilot)
                app.post_message(events.Resize(size, size))
                await pilot.pause()
                assert_painted(pilot)
