"""Every command and every key of the table of actions, done in the real app under Pilot.

Each way that the table offers to start an action is taken: the command typed, with each of its
names; the palette's entry; each default key. What can be seen then was not so before. An action
without an entry in ``every_action`` or a test of its own here fails the first test.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import by_palette, chat_of, ready, until
from tests.screen.every_action import CHECKS, Stage, clean_up, set_stage
from tests.screen.places import app_in, wait_for
from tests.screen.scenes import send
from vtcode_tui.tui.actions import ACTIONS, BY_NAME, Action

pytestmark = pytest.mark.anyio

APART = ("leave", "suspend_process")
"""Actions that end or stop the app have tests of their own below."""


def ways(action: Action) -> list[tuple[str, str]]:
    """Every way to start an action: how, and the text or key."""
    commands = [action.command, *action.aliases] if action.command else []
    return [
        *(("command", each) for each in commands),
        *([("palette", action.description)] if action.is_in_palette else []),
        *(("key", each) for each in action.keys),
    ]


async def take(pilot: Pilot[int], way: tuple[str, str], argument: str = "") -> None:
    how, what = way
    match how:
        case "command":
            await send(pilot, f"/{what} {argument}".strip())
        case "palette":
            await by_palette(pilot, what)
        case _:
            await pilot.press(what)


def test_every_action_has_a_checked_effect() -> None:
    assert {*CHECKS, *APART} == {action.name for action in ACTIONS}
    assert all(ways(action) for action in ACTIONS)


async def check_way(pilot: Pilot[int], name: str, way: tuple[str, str]) -> None:
    check = CHECKS[name]
    await set_stage(pilot, check.stage)
    if check.prepare is not None:
        await check.prepare(pilot)
    seen = check.seen
    if way[0] != "command" and check.bare_seen is not None:
        seen = check.bare_seen
    # The previous step's screen may still be there.
    await until(pilot, lambda: not seen(pilot), f"{name} by {way}: not yet so")
    await take(pilot, way, check.argument)
    await until(pilot, lambda: seen(pilot), f"{name} by {way}")
    await clean_up(pilot, check)


STAGES: dict[Stage, int] = {"empty": 2, "reading": 1, "running": 1}
"""How many apps share the rows of a stage, so that no test takes long."""


@pytest.mark.parametrize(
    ("stage", "part"), [(stage, part) for stage, parts in STAGES.items() for part in range(parts)]
)
async def test_each_way_to_start_an_action_has_its_effect(
    tmp_path: Path, stage: Stage, part: int
) -> None:
    names = [name for name, check in CHECKS.items() if check.stage == stage]
    with FakeOllama() as server:
        if stage == "running":
            server.default_reply = reply("never", head_hold=threading.Event())
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(110, 40), notifications=True) as pilot:
            await ready(pilot)
            for name in names[part :: STAGES[stage]]:
                for way in ways(BY_NAME[name]):
                    await check_way(pilot, name, way)


@pytest.mark.parametrize("way", ways(BY_NAME["leave"]))
async def test_leaving(tmp_path: Path, way: tuple[str, str]) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await take(pilot, way)
            await until(pilot, lambda: app.return_code is not None, f"{way}")
        assert app.return_code == 0


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+d"])
async def test_pressing_it_twice_leaves(tmp_path: Path, key: str) -> None:
    """With text in the prompt Ctrl+D only deletes, and two different keys are no double press."""
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            if key == "ctrl+d":
                await pilot.press("a", "home", "ctrl+d", "ctrl+c", "ctrl+d")
                assert app.return_code is None
                assert chat_of(pilot).composer.text == ""
                await pilot.press(key)
            else:
                await pilot.press(key, key)
            await until(pilot, lambda: app.return_code is not None, "it is left")
        assert app.return_code == 0


async def test_ctrl_c_stops_the_model(tmp_path: Path) -> None:
    with FakeOllama() as server:
        server.script(reply("word " * 400, pace_s=0.05))
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await send(pilot, "Go on")
            await wait_for(pilot, "answering")
            await pilot.press("ctrl+c")
            await wait_for(pilot, "○ ready")


async def test_suspending_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal itself would stop the test process; tests/e2e sends it in a terminal of its own."""
    sent: list[int] = []
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            monkeypatch.setattr(type(app._driver), "can_suspend", True)
            monkeypatch.setattr(os, "kill", lambda _pid, number: sent.append(number))
            for count, way in enumerate(ways(BY_NAME["suspend_process"]), 1):
                await take(pilot, way)
                await until(pilot, lambda count=count: len(sent) == count, f"{way}")  # type: ignore[misc]
            monkeypatch.undo()
    assert set(sent) == {signal.SIGTSTP}
