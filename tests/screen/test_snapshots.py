"""Every screen in a dark and a light theme, small and large."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.scenes import SCENES, app_for, steady
from vtcode_tui.embedded import launcher

OWNER = (3, 11)


@pytest.mark.skipif(sys.version_info[:2] != OWNER, reason="one Python version owns the pictures")
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
    # Whether the extra is installed depends on the machine, and the picture says so.
    monkeypatch.setattr(launcher, "is_available", lambda: True)
    scene = SCENES[name]
    with FakeOllama() as server:
        app = app_for(scene, server, theme)

        async def act(pilot: Pilot[int]) -> None:
            await scene.act(pilot)
            for screen in pilot.app.screen_stack:
                steady(screen)
            await pilot.pause(0.1)

        assert snap_compare(app, terminal_size=size, run_before=act)
