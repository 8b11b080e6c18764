"""The approval dialog says in which sandbox a call runs, at any size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.screen.approvals import command_request, shown, stage_for
from tests.screen.stage import FakeClock, screen_text
from vtcode_tui.workspace.walls import SandboxKind, SandboxState, Wall

pytestmark = pytest.mark.anyio

STATES = [
    SandboxState(SandboxKind.BUBBLEWRAP, tuple(Wall)),
    SandboxState(SandboxKind.LANDLOCK, (Wall.WRITES,), (Wall.GIT, Wall.SECRETS, Wall.NETWORK)),
    SandboxState(SandboxKind.NONE, trouble='[sandbox] mode is "off"'),
]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("state", STATES, ids=lambda state: str(state.kind))
async def test_the_dialog_shows_everything_that_was_proved(
    state: SandboxState, size: tuple[int, int]
) -> None:
    stage = stage_for(replace(command_request(), sandbox=state.words), FakeClock())
    async with stage.run_test(size=size) as pilot:
        await shown(pilot)
        text = screen_text(stage)
    unwrapped = " ".join(text.replace("▌", " ").split())
    line = state.words if state.kind is SandboxKind.NONE else f"sandbox: {state.words}"
    assert line in unwrapped
    assert "sandbox: no" not in unwrapped
    for part in ("asks because", "$ make test", "Approve once", "Deny"):
        assert part in text


async def test_a_small_screen_still_shows_the_kind_of_sandbox() -> None:
    stage = stage_for(replace(command_request(), sandbox=STATES[0].words), FakeClock())
    async with stage.run_test(size=(40, 14)) as pilot:
        await shown(pilot)
        assert "sandbox: bubblewrap" in screen_text(stage)


async def test_without_anything_to_say_there_is_no_line() -> None:
    stage = stage_for(command_request(), FakeClock())
    async with stage.run_test(size=(80, 24)) as pilot:
        await shown(pilot)
        assert "sandbox" not in screen_text(stage)
