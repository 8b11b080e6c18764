"""Fixtures for tests of screens: a workspace, and how Textual's pilot knows that an app is idle."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot

from tests.screen.prompting import PNG

_REST_S = 0.002
_PATIENCE_S = 20.0


@pytest.fixture(autouse=True, scope="session")
def idle_is_seen_in_the_loop() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(textual.app, "wait_for_idle", wait_for_idle)
        patch.setattr(textual.pilot, "wait_for_idle", wait_for_idle)
        patch.setattr(Pilot, "resize_terminal", resize_terminal)
        yield


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A workspace with a source file, a file of secrets and a picture."""
    work = tmp_path / "work"
    (work / "src").mkdir(parents=True)
    (work / "src" / "parser.py").write_text("def parse():\n    return 1\n")
    (work / ".env").write_text("SECRET=hunter2\n")
    (work / "shot.png").write_bytes(PNG)
    return work


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Replaces Textual's wait of that name: waits until no callback is ready in the event loop.

    Textual's waits 20 ms around each key and then compares processor time: on a busy machine, where
    the process gets little of it, an app seems idle that has not read the key yet.
    """
    loop: Any = asyncio.get_running_loop()
    begun = time.monotonic()
    rest_s = _REST_S
    while (waited := time.monotonic() - begun) < max_sleep:
        await asyncio.sleep(rest_s)
        if loop._ready:
            rest_s = 0  # Only let all else that is ready go first.
        elif rest_s and waited >= min_sleep:
            return
        else:
            rest_s = _REST_S


async def resize_terminal(pilot: Pilot[Any], width: int, height: int) -> None:
    """Resize the terminal and wait until the app has the new size.

    Textual's method of that name does not wait: the app collects changes of size for eight
    milliseconds.
    """
    app, size = pilot.app, Size(width, height)
    assert app._driver is not None
    app._driver._size = (width, height)
    app.post_message(Resize(size, size))
    end = time.monotonic() + _PATIENCE_S
    while app.screen._compositor.size != size:
        assert time.monotonic() < end, f"never {width}x{height}"
        await pilot.pause(_REST_S)
    await pilot.pause()
