"""Helpers that drive the whole chat and wait for its states."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.pilot import Pilot

from tests.screen.places import MODEL, screen_text, wait_for
from tests.screen.scenes import move_on
from vtcode_tui.tui.chat_screen import ChatScreen

_PATIENCE_S = 20.0


def chat_of(pilot: Pilot[int]) -> ChatScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, ChatScreen)
    return screen


async def until(pilot: Pilot[int], holds: Callable[[], bool], what: str) -> None:
    """Wait until ``holds``; raise AssertionError with the screen on timeout."""
    end = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"never: {what}\n{screen_text(pilot)}"
        move_on(pilot)
        await pilot.pause(0.01)


async def ready(pilot: Pilot[int], model: str = MODEL) -> None:
    await wait_for(pilot, f"ready · {model}")


async def by_palette(pilot: Pilot[int], description: str) -> None:
    """Search the palette for an action's description and run it."""
    from textual.widgets import Input, OptionList

    await pilot.press("ctrl+p")
    await until(pilot, lambda: bool(pilot.app.screen.query("CommandList")), "the palette")
    wanted = description[:1].upper() + description[1:]
    palette = pilot.app.screen
    found = palette.query_one(OptionList)

    def place() -> int | None:
        lines = [f"{option.prompt}  " for option in found.options]
        return next((n for n, line in enumerate(lines) if line.startswith(f"{wanted}  ")), None)

    palette.query_one(Input).value = description
    await until(pilot, lambda: place() is not None, f"{description!r} is found")
    await pilot.pause()
    found.highlighted = place()
    await pilot.press("enter")
