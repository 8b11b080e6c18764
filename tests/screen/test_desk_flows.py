"""/theme, /diff and /init in the real app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import ready
from tests.screen.places import app_in, screen_text, wait_for
from tests.screen.scenes import send

pytestmark = pytest.mark.anyio

EDIT = reply(calls=[("edit_file", {"path": "a.txt", "old_text": "two", "new_text": "[red]zwei"})])
NEW = reply(calls=[("write_file", {"path": "b.txt", "content": "new\n"})])
ALLOWED = '[tools.policies]\nwrite_file = "allow"\nedit_file = "allow"\n'


async def test_a_theme_is_previewed_reverted_and_saved_to_the_users_file(
    tmp_path: Path,
) -> None:
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            before = app.theme
            await send(pilot, "/theme")
            await wait_for(pilot, "↑ ↓ try one on")
            await pilot.press("down")
            await pilot.pause()
            tried = app.theme
            assert tried != before
            await pilot.press("escape")
            await pilot.pause()
            assert app.theme == before
            await send(pilot, "/theme")
            await wait_for(pilot, "↑ ↓ try one on")
            await pilot.press("down", "ctrl+s")
            await wait_for(pilot, f"Saved the theme {tried}")
            assert app.theme == tried
    assert f'theme = "{tried}"' in (tmp_path / "config" / "vtcode.toml").read_text()
    assert not (tmp_path / "work" / "vtcode.toml").exists()


async def test_diff_shows_what_this_run_changed_and_not_git(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.txt").write_text("one\ntwo\n")
    with FakeOllama() as server:
        server.script(EDIT, NEW, reply("Done."))
        app = app_in(tmp_path, server.url, ALLOWED)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await send(pilot, "Go")
            await wait_for(pilot, "Done.")
            await ready(pilot)
            await send(pilot, "/diff")
            screen = await wait_for(pilot, "Changed in this run: 2 files, +2 -1")
            for part in ("a.txt  +1 -1", "[red]zwei", "b.txt  +1 -0  new"):
                assert part in screen
            await pilot.press("escape")
            await send(pilot, "/undo")
            await wait_for(pilot, "Undone")
            await send(pilot, "/diff")
            await wait_for(pilot, "changed nothing in this run, or it was put back")
            # Otherwise the model would continue with files that no longer are as it wrote them.
            await wait_for(pilot, "$ /undo")
            await send(pilot, "What is in a.txt?")
            await asyncio.to_thread(server.wait_for_requests, "/api/chat", 4)
    told = server.chats[-1].body["messages"][-1]["content"]  # type: ignore[index]
    assert told.startswith("What is in a.txt?\n\n[the user ran: /undo (2 files)]\nUndone, turn 1:")
    assert "a.txt" in told
    assert "b.txt (removed)" in told


async def test_init_shows_the_file_first_and_writes_only_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "work" / "vtcode.toml"
    with FakeOllama() as server:
        app = app_in(tmp_path, server.url)
        async with app.run_test(size=(100, 30)) as pilot:
            await ready(pilot)
            await send(pilot, "/init")
            screen = await wait_for(pilot, "Write vtcode.toml?")
            assert 'default_model = "qwen3:1.7b"' in screen
            await pilot.press("enter")
            await wait_for(pilot, "○ ready · ")
            assert not file.exists()
            await ready(pilot)
            await send(pilot, "/init")
            await wait_for(pilot, "Write vtcode.toml?")
            await pilot.press("down", "enter")
            await wait_for(pilot, "lets the model draft")
    text = file.read_text()
    assert 'default_model = "qwen3:1.7b"' in text
    assert "provider" not in text.replace("[providers.ollama]", "")
    assert "theme" not in text


async def test_init_agents_has_the_model_draft_and_asks_before_it_is_written(
    tmp_path: Path,
) -> None:
    draft = reply(calls=[("write_file", {"path": "AGENTS.md", "content": "# A project\n"})])
    with FakeOllama() as server:
        server.script(draft, reply("Drafted."))
        app = app_in(tmp_path, server.url, ALLOWED)
        async with app.run_test(size=(100, 40)) as pilot:
            await ready(pilot)
            await send(pilot, "/init agents")
            screen = await wait_for(pilot, "# A project")
            assert "AGENTS.md" in screen
            assert "Approve once" in screen_text(pilot)
            assert not (tmp_path / "work" / "AGENTS.md").exists()
