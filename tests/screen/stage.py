"""A test app for one screen: pushes it, keeps its result, and returns the visible text."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.screen.painted import painted_text
from vtcode_tui.tui.appearance import ReadableColours

Result = TypeVar("Result")

_PATIENCE_S = 20.0


class FakeClock:
    """A monotonic clock in seconds that only moves when advanced."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Stage(ReadableColours[None], Generic[Result]):
    """Pushes ``screen``; ``results`` holds the values that screens were dismissed with."""

    def __init__(self, screen: ModalScreen[Result]) -> None:
        super().__init__()
        self._first = screen
        self.results: list[Result | None] = []

    def compose(self) -> ComposeResult:
        yield Static("behind", markup=False)

    def on_mount(self) -> None:
        self.show(self._first)

    def show(self, screen: ModalScreen[Result]) -> None:
        self.push_screen(screen, self.results.append)

    @property
    def only_result(self) -> Result | None:
        assert len(self.results) == 1, f"{len(self.results)} results: {self.results}"
        return self.results[0]


def screen_text(app: App[None]) -> str:
    """The text of the top screen, line by line."""
    return painted_text(app)


async def until(pilot: Pilot[Any], condition: Callable[[], bool], what: str) -> None:
    """Wait until ``condition`` holds, for a bounded time; fail with the screen on timeout."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never: {what}\n{screen_text(pilot.app)}")
        await asyncio.sleep(0.001)


def send_key(app: App[Any], key: str) -> None:
    """Send a key as the terminal reports it: a character, or the name of a key."""
    names = {" ": "space"}
    if len(key) == 1:
        app.post_message(events.Key(names.get(key, key), key))
    else:
        app.post_message(events.Key(key, "\r" if key == "enter" else None))


def random_text(rng: random.Random, length: int) -> list[str]:
    """Keys of a person who writes: words with the letters and digits that dialogs bind, and Enter."""
    alphabet = "yn1aqe2t "
    return [rng.choice(alphabet) if rng.random() > 0.08 else "enter" for _ in range(length)]
