"""Snapshots of every screen in a dark and a light theme, small and large."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.look import look_as, picture_in
from tests.screen.scenes import SCENES, Scene, app_for, steady, worked_in_ascii
from vtcode_tui.embedded import launcher

OWNER = (3, 11)


pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != OWNER, reason="one Python version owns the pictures"
)
SMALLEST = (40, 12)
DARK, LIGHT = "textual-dark", "textual-light"

Look = Callable[[Scene, str, tuple[int, int]], None]


@pytest.fixture
def look(
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Look:
    """Run a scene in an app with a theme and a size, and compare the final snapshot."""
    # Whether the extra is installed depends on the machine and is visible.
    monkeypatch.setattr(launcher, "is_available", lambda: True)
    expected = picture_in(Path(__file__), request)

    def compare(scene: Scene, theme: str, size: tuple[int, int]) -> None:
        async def act(pilot: Pilot[int]) -> None:
            await scene.act(pilot)
            for screen in pilot.app.screen_stack:
                steady(screen)
            await look_as(pilot, expected, lambda: pilot.app.export_screenshot(simplify=True))

        with FakeOllama() as server:
            app = app_for(scene, server, theme)
            assert snap_compare(app, terminal_size=size, run_before=act)

    return compare


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("name", SCENES)
def test_scene(look: Look, name: str, theme: str, size: tuple[int, int]) -> None:
    look(SCENES[name], theme, size)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("name", ["idle", "answer", "blocks", "found", "approve-edit"])
def test_smallest(look: Look, name: str, theme: str) -> None:
    look(SCENES[name], theme, SMALLEST)


@pytest.mark.parametrize("name", ["answer", "blocks"])
def test_without_colours(look: Look, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    look(SCENES[name], DARK, (80, 24))


def test_in_ascii(look: Look) -> None:
    look(replace(SCENES["tools"], act=worked_in_ascii, ui="ascii = true"), DARK, (80, 24))


def test_with_a_terminals_own_colours(look: Look) -> None:
    look(SCENES["blocks"], "ansi-dark", (80, 24))
