"""Snapshots of the rarer screens, states and errors, each shown once and captured in two themes and
two sizes."""

from __future__ import annotations

import re
import shutil
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.fault_scenes import FAULTS
from tests.screen.look import look_as, picture_in
from tests.screen.more_scenes import MORE_SCENES
from tests.screen.scenes import app_for, steady
from tests.screen.test_snapshots import OWNER
from vtcode_tui.embedded import launcher
from vtcode_tui.tui.app import VtcodeApp

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        sys.version_info[:2] != OWNER, reason="one Python version owns the pictures"
    ),
]
LOOKS = [
    ("textual-dark", (80, 24)),
    ("textual-dark", (140, 45)),
    ("textual-light", (140, 45)),
    ("textual-light", (80, 24)),
]
"""Ordered so that one property changes at a time."""

KEEPS_ITS_COLOURS = frozenset({"palette"})
"""Textual's own palette keeps the theme that it was opened in."""


SHOWN = MORE_SCENES | FAULTS


@pytest.mark.parametrize("name", SHOWN)
async def test_screen(
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    # Whether the extra is installed and how much disk space is free depend on the machine.
    monkeypatch.setattr(launcher, "is_available", lambda: True)
    disk = SimpleNamespace(free=80_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk)
    pictures = snapshot.use_extension(SVGImageExtension)
    scene = SHOWN[name]
    runs = [LOOKS[:2], LOOKS[2:]] if name in KEEPS_ITS_COLOURS else [LOOKS]
    for looks in runs:
        with FakeOllama() as server:
            app = app_for(scene, server, looks[0][0])
            async with app.run_test(size=looks[0][1], notifications=True) as pilot:
                await scene.act(pilot)
                for theme, size in looks:
                    look = f"{theme}-{size[0]}x{size[1]}"
                    await change(pilot, theme, size)
                    picture = partial(everywhere_the_same, app, server.url)
                    await look_as(pilot, picture_in(Path(__file__), request, look), picture)
                    assert picture() == pictures(name=look)


async def change(pilot: Pilot[int], theme: str, size: tuple[int, int]) -> None:
    """Change theme or size."""
    app = pilot.app
    app.theme = theme
    if app.size != size:
        await pilot.resize_terminal(*size)
    for screen in app.screen_stack:
        steady(screen)


def everywhere_the_same(app: VtcodeApp, url: str) -> str:
    """The snapshot with everything that differs between runs replaced, in the same number of cells."""
    port = url.rpartition(":")[2]
    picture = re.sub(rf"\b{port}\b", "1" * len(port), app.export_screenshot())
    return re.sub(r"(vtcode-tui-[a-z-]+?-)[a-z0-9_]{8}\b", r"\1xxxxxxxx", picture)
