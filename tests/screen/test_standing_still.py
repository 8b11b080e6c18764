"""No timer runs while nothing on the screen moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.painted import painted_text
from tests.unit.agent.conftest import make_launch
from vtcode_tui.tui.app import VtcodeApp

pytestmark = pytest.mark.anyio

CONFIG = '[agent]\ndefault_model = "qwen3:1.7b"\n[sandbox]\nmode = "off"\n'


def running_timers(app: VtcodeApp) -> Iterator[str]:
    nodes: list[MessagePump] = [app, *app.screen.walk_children(with_self=True)]
    for node in nodes:
        for timer in node._timers:
            active: asyncio.Event = getattr(timer, "_active")  # noqa: B009 - typed as Never
            if timer._task is not None and active.is_set():
                yield f"{node!r}: {timer.name} every {timer._interval} s"


async def until(pilot: Pilot[int], holds: Callable[[], bool], what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, what()
        await pilot.pause(0.01)


async def test_no_timer_runs_at_the_prompt_nor_in_a_list(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply("An answer.", thinking="A thought."))
        app = VtcodeApp(make_launch(tmp_path, server.url, CONFIG))

        def shown() -> str:
            return painted_text(app)

        def stands_still() -> bool:
            return not list(running_timers(app))

        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: "ready · qwen3:1.7b" in shown(), shown)
            await pilot.press(*"hello", "enter")
            await until(pilot, lambda: "An answer." in shown() and "ready" in shown(), shown)
            await until(pilot, stands_still, lambda: list(running_timers(app)))
            await pilot.press("ctrl+o")
            await until(pilot, lambda: "type to filter" in shown(), shown)
            await until(pilot, stands_still, lambda: list(running_timers(app)))
