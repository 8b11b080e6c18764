"""Every screen in a dark and a light theme, small and large."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.fault_scenes import FAULTS
from tests.screen.scenes import SCENES, Scene, app_for, steady, worked_in_ascii
from vtcode_tui.embedded import launcher

OWNER = (3, 11)


pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != OWNER, reason="one Python version owns the pictures"
)
SMALLEST = (40, 12)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("name", SCENES)
def test_scene(
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    _picture(snap_compare, monkeypatch, SCENES[name], theme, size)


@pytest.mark.parametrize(
    ("theme", "size"),
    [("textual-dark", (80, 24)), ("textual-light", (140, 45))],
    ids=["dark", "light"],
)
@pytest.mark.parametrize("name", FAULTS)
def test_fault(
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    _picture(snap_compare, monkeypatch, FAULTS[name], theme, size)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("name", ["idle", "answer", "blocks", "found", "approve-edit"])
def test_smallest(
    snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, name: str, theme: str
) -> None:
    _picture(snap_compare, monkeypatch, SCENES[name], theme, SMALLEST)


@pytest.mark.parametrize("name", ["answer", "blocks"])
def test_without_colours(
    snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _picture(snap_compare, monkeypatch, SCENES[name], "textual-dark", (80, 24))


def test_in_ascii(snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    scene = replace(SCENES["tools"], act=worked_in_ascii, ui="ascii = true")
    _picture(snap_compare, monkeypatch, scene, "textual-dark", (80, 24))


def test_with_a_terminals_own_colours(
    snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    _picture(snap_compare, monkeypatch, SCENES["blocks"], "ansi-dark", (80, 24))


def _picture(
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    scene: Scene,
    theme: str,
    size: tuple[int, int],
) -> None:
    # Whether the extra is installed depends on the machine, and the picture says so.
    monkeypatch.setattr(launcher, "is_available", lambda: True)
    with FakeOllama() as server:
        app = app_for(scene, server, theme)

        async def act(pilot: Pilot[int]) -> None:
            await scene.act(pilot)
            for screen in pilot.app.screen_stack:
                steady(screen)
            await pilot.pause(0.1)

        assert snap_compare(app, terminal_size=size, run_before=act)
