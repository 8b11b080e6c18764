"""Opening the first dialog parses no CSS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama
from tests.screen.approvals import command_request
from tests.screen.places import app_in
from tests.screen.stage import until
from vtcode_tui.tui.approval_modal import ApprovalModal
from vtcode_tui.tui.dialog import Dialog


@pytest.mark.anyio
async def test_opening_a_dialog_for_the_first_time_parses_no_styles(tmp_path: Path) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:

            def brought() -> set[str]:
                return {name.removesuffix(".DEFAULT_CSS") for _, name in app.stylesheet.source}

            # The last of them.
            await until(pilot, lambda: "EffortPicker" in brought(), "the styles")
            before = brought()
            for key in ("ctrl+o", "f1"):
                await pilot.press(key)
                await until(pilot, lambda: isinstance(app.screen, Dialog), "a dialog")
                await pilot.press("escape")
                await until(pilot, lambda: not isinstance(app.screen, Dialog), "no dialog")
            modal = ApprovalModal(command_request(), clock=app.launch.clock)
            await app.push_screen(modal)
            await until(pilot, modal.opened.is_set, "the approval")
            assert brought() == before
