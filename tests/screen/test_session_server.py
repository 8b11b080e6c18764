"""Resuming a session that used another server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import ready
from tests.screen.places import app_in, wait_for
from tests.screen.scenes import send
from vtcode_tui.config.launch import SessionWish
from vtcode_tui.tui.app import VtcodeApp

pytestmark = pytest.mark.anyio


def goes_on(tmp_path: Path, url: str) -> VtcodeApp:
    launch = app_in(tmp_path, url).launch
    return VtcodeApp(replace(launch, session=SessionWish()))


async def ask(pilot: Pilot[int], server: FakeOllama, answer: str) -> None:
    server.script(reply(answer))
    await send(pilot, "Go on")
    await wait_for(pilot, answer)


async def test_a_resumed_session_contacts_no_server_that_only_its_file_names_and_says_how_to_go_back(
    tmp_path: Path,
) -> None:
    with FakeOllama() as first, FakeOllama() as second:
        app = app_in(tmp_path, first.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await ask(pilot, first, "From the first.")
        way_back = app.way_back
        assert way_back[0] == "--resume"
        assert way_back[2:] == ("--base-url", first.url)
        asked = len(first.requests)

        app = goes_on(tmp_path, second.url)
        async with app.run_test(size=(140, 30)) as pilot:
            screen = await wait_for(pilot, f"goes on with {second.url}")
            assert f"This session was held with {first.url}" in screen
            said = " ".join(screen.split())
            assert f"vtcode-tui --resume {way_back[1]} --base-url {first.url}" in said
            await ready(pilot)
            await ask(pilot, second, "From the second.")
        assert len(first.requests) == asked

        app = goes_on(tmp_path, second.url)
        async with app.run_test(size=(140, 30)) as pilot:
            await wait_for(pilot, "From the second.")
            await ready(pilot)
            assert "was held with" not in await wait_for(pilot, "ready")

        app = goes_on(tmp_path, "http://127.0.0.1:9")
        async with app.run_test(size=(140, 40)) as pilot:
            await wait_for(pilot, f"The session's server    {second.url}")
            await pilot.press("down", "enter")
            await ready(pilot)
            await ask(pilot, second, "From the second again.")
        assert app.way_back[2:] == ("--base-url", second.url)
