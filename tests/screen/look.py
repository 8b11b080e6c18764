"""Waits until a screen has stopped changing before a snapshot is taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_textual_snapshot import normalize_svg
from textual.pilot import Pilot

from tests.screen.scenes import move_on

_PATIENCE_S = 5.0
_UPDATE_REST_S = 0.5
_FRAMES = 20
"""The most frames that a scene's clock is advanced by, since a picture may show seconds."""


def picture_in(
    test_file: Path, request: pytest.FixtureRequest, name: str | None = None
) -> str | None:
    """The stored snapshot of a test; None while snapshots are being updated."""
    if request.config.getoption("update_snapshots"):
        return None
    part = f"[{name}]" if name is not None else ""
    folder = test_file.parent / "__snapshots__" / test_file.stem
    kept = folder / f"{request.node.name}{part}.svg"
    return normalize_svg(kept.read_text("utf-8")) if kept.exists() else None


async def look_as(
    pilot: Pilot[int],
    expected: str | None,
    take: Callable[[], str],
) -> None:
    """Wait until the screen is stable and equals ``expected``; give up after some seconds, since
    the comparison that follows reports the difference.

    On a busy machine the last change of a screen can come late, and no fixed pause is long enough.
    """
    begun, frames = time.monotonic(), _FRAMES
    before = ""
    while (waited := time.monotonic() - begun) < _PATIENCE_S:
        await pilot.pause(0.01)
        now = normalize_svg(take())
        stands = now == before
        before = now
        if stands and (now == expected or (expected is None and waited > _UPDATE_REST_S)):
            return
        if frames:
            frames -= 1
            move_on(pilot)
