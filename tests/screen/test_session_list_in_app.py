"""The list of sessions in the real app: its effect on files and on the conversation."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.held_sessions import NOW, state_with_sessions
from tests.screen.painted import painted_text
from tests.unit.agent.conftest import make_launch
from vtcode_tui.session.store import SessionStore
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.confirm_screen import ConfirmScreen
from vtcode_tui.tui.session_picker import SessionPicker

pytestmark = pytest.mark.anyio


def text_of(pilot: Pilot[int]) -> str:
    return painted_text(pilot.app)


async def until(pilot: Pilot[int], holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}\n{text_of(pilot)}"
        await pilot.pause(0.01)


async def seen(pilot: Pilot[int], text: str) -> None:
    await until(pilot, lambda: text in text_of(pilot), text)


async def gone(pilot: Pilot[int], text: str) -> None:
    await until(pilot, lambda: text not in text_of(pilot), f"{text} is gone")


@asynccontextmanager
async def listed(tmp_path: Path) -> AsyncIterator[tuple[Pilot[int], SessionStore, FakeOllama]]:
    """The app with its list of four sessions open."""
    workspace = tmp_path / "project"
    workspace.mkdir()
    state_dir = state_with_sessions(workspace)
    with FakeOllama() as server:
        launch = replace(
            make_launch(
                workspace,
                server.url,
                '[agent]\ndefault_model = "qwen3:1.7b"\n[sandbox]\nmode = "off"\n',
            ),
            state_dir=state_dir,
            now=lambda: NOW,
        )
        app = VtcodeApp(launch)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            await seen(pilot, "ready · qwen3:1.7b")
            await pilot.press(*"/sessions", "enter")
            await seen(pilot, "Why does the parser")
            yield pilot, SessionStore(state_dir, workspace), server


def picker(pilot: Pilot[int]) -> SessionPicker:
    screen = pilot.app.screen
    assert isinstance(screen, SessionPicker)
    return screen


async def test_a_session_is_opened_with_its_transcript_and_its_model_and_goes_on(
    tmp_path: Path,
) -> None:
    async with listed(tmp_path) as (pilot, store, server):
        await pilot.press(*"verses")
        await gone(pilot, "Why does the parser")
        await pilot.press("enter")
        await seen(pilot, "Write a poem about the sea")
        await seen(pilot, "That is part 1 of it")
        await seen(pilot, "ready · gemma3:4b")
        server.script(reply("Another verse."))
        await pilot.press(*"more", "enter")
        await seen(pilot, "Another verse.")
        body = server.chats[-1].body
        assert body is not None
        prompts = [m["content"] for m in body["messages"] if m["role"] == "user"]
        assert prompts == ["Write a poem about the sea", "more"]
        assert (body["model"], body["options"]["num_ctx"]) == ("gemma3:4b", 8192)
        await until(pilot, lambda: store.list()[0].turns == 2, "it is kept in the same file")
        assert len(store.list()) == 4


async def test_a_session_is_renamed_and_the_list_stays_open(tmp_path: Path) -> None:
    async with listed(tmp_path) as (pilot, store, _):
        await pilot.press("down", "down", "ctrl+r")
        await seen(pilot, "enter rename")
        await pilot.press("ctrl+u")
        await pilot.press(*"New name", "enter")
        await until(pilot, lambda: "New name" in {s.title for s in store.list()}, "the name")
        await until(
            pilot,
            lambda: (
                picker(pilot).highlighted is not None
                and getattr(picker(pilot).highlighted, "title", "") == "New name"
            ),
            "the mark stays on it",
        )


async def test_a_session_is_exported_into_the_workspace(tmp_path: Path) -> None:
    async with listed(tmp_path) as (pilot, _, _server):
        await pilot.press("ctrl+e")
        await seen(pilot, "Written to")
        await pilot.press("ctrl+e")
        workspace = tmp_path / "project"
        await until(pilot, lambda: len(list(workspace.glob("session-*.md"))) == 2, "two files")
        text = (workspace / "session-3f9a2c7e.md").read_text()
        assert text.startswith("# Why does the parser")
        assert "outcome unknown" in text
        assert (workspace / "session-3f9a2c7e-2.md").read_text() == text


async def test_a_session_is_deleted_only_after_a_yes(tmp_path: Path) -> None:
    async with listed(tmp_path) as (pilot, store, _):
        await pilot.press("down", "ctrl+d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen), "the question")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionPicker), "the list")
        assert len(store.list()) == 4
        await pilot.press("ctrl+d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen), "the question")
        await pilot.press("down")
        await pilot.pause()
        await pilot.press("enter")
        await seen(pilot, "Deleted")
        assert {s.session_id for s in store.list()} == {"3f9a2c7e", "58c3aa90", "e1500d2b"}
        await gone(pilot, "Verses")


async def test_the_session_that_is_open_is_not_deleted_and_not_opened_again(tmp_path: Path) -> None:
    async with listed(tmp_path) as (pilot, store, _):
        await pilot.press("enter")
        await seen(pilot, "The app stopped here")
        await seen(pilot, "ready · qwen3:1.7b")
        await pilot.press(*"/sessions", "enter")
        await seen(pilot, "● Why does the parser")
        await pilot.press("ctrl+d")
        await seen(
            pilot,
            "It is not deleted. It is the session that is open here. Begin another first: /new",
        )
        await pilot.press("enter")
        await seen(pilot, "This is the session that is open.")
        assert len(store.list()) == 4


async def test_the_commands_for_sessions_work_between_turns_only(tmp_path: Path) -> None:
    async with listed(tmp_path) as (pilot, store, server):
        await pilot.press("escape")
        server.script(reply("word " * 500, pace_s=0.02))
        await pilot.press(*"go", "enter")
        await seen(pilot, "word word")
        await pilot.press(*"/new", "enter")
        await seen(pilot, "stop it with Esc first")
        await pilot.press("escape")
        await seen(pilot, "ready · qwen3:1.7b")
        await pilot.press(*"/fork", "enter")
        await seen(pilot, "This is a copy")
        await pilot.press(*"/export json", "enter")
        await seen(pilot, "Written to")
        await pilot.press(*"/resume ffffffff", "enter")
        await seen(pilot, "There is no session ffffffff")
        await pilot.press(*"/resume e1500d2b", "enter")
        await seen(pilot, "part 7")
        await seen(pilot, "ready · llama3:8b")
        assert len(store.list()) == 6  # the four, the new one, and its copy
