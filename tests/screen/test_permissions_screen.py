"""The list of permissions and grants."""

from __future__ import annotations

import pytest

from tests.screen.stage import Stage, screen_text, until
from vtcode_tui.agent.permission_list import PermissionRow
from vtcode_tui.tui.permissions_screen import PermissionsScreen

pytestmark = pytest.mark.anyio

TOOL = PermissionRow("tool", "edit_file, run_terminal_cmd", "prompt · no default_policy is set")
SESSION = PermissionRow("session", "write_file /w/a.txt", key="s")
ALWAYS = PermissionRow("always", "run_terminal_cmd make [red]\x1b[2J", "since 2026-01-02", "a")
ROWS = (TOOL, SESSION, ALWAYS)


@pytest.mark.parametrize(
    ("keys", "taken"),
    [
        (["enter"], SESSION),
        (["delete"], SESSION),
        (["down", "enter"], ALWAYS),
        (["down", "delete"], ALWAYS),
        (["escape"], None),
    ],
)
async def test_a_key_revokes_the_highlighted_grant(
    keys: list[str], taken: PermissionRow | None
) -> None:
    stage = Stage(PermissionsScreen(ROWS))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Permissions" in screen_text(stage), "it is shown")
        await pilot.press(*keys)
        await until(pilot, lambda: bool(stage.results), "it was answered")
    assert stage.only_result == taken


async def test_a_click_revokes_a_grant_and_does_nothing_on_a_tool() -> None:
    stage = Stage(PermissionsScreen(ROWS, "The store cannot be relied on."))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "make [red]␛[2J" in screen_text(stage), "it is shown")
        assert "The store cannot be relied on." in screen_text(stage)
        lines = screen_text(stage).split("\n")

        async def click(text: str) -> None:
            row = next(number for number, line in enumerate(lines) if text in line)
            await pilot.click(offset=(lines[row].index(text) + 1, row))
            await pilot.pause()

        await click("prompt · no default")
        assert stage.results == []
        await click("write_file")
        await until(pilot, lambda: bool(stage.results), "it was answered")
    assert stage.only_result == SESSION


async def test_without_grants_it_says_so_and_no_key_acts() -> None:
    stage = Stage(PermissionsScreen((TOOL,)))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: screen_text(stage).count("nothing") == 2, "it says so")
        await pilot.press("enter", "delete", "down", "enter")
        assert stage.results == []
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "it was answered")
    assert stage.only_result is None
