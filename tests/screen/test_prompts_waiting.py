"""Prompts that wait while the model works, and those that come back at the next start."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.driving import chat_of, ready, until
from tests.screen.places import app_in, screen_text, wait_for
from tests.screen.prompting import send, sent, write
from vtcode_tui.tui.app import VtcodeApp

pytestmark = pytest.mark.anyio


# --- prompts that wait --------------------------------------------------------------------------


async def test_prompts_wait_in_a_list_and_can_be_edited_and_removed(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    release = threading.Event()
    server.script(reply("first answer", head_hold=release))
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "first")
        for text in ("second", "third", "fourth"):
            await send(pilot, text)
            await wait_for(pilot, f"queued     {text}")
        await pilot.press("up")
        await wait_for(pilot, "› queued     fourth")
        await pilot.press("up", "delete")
        await until(pilot, lambda: "third" not in screen_text(pilot), "the third is gone")
        await pilot.press("enter")
        await until(pilot, lambda: chat_of(pilot).composer.text == "fourth", "it is back")
        await send(pilot, " and last")
        release.set()
        await until(pilot, lambda: len(server.chats) == 3, "all were sent")
        await ready(pilot)
    prompts = [message["content"] for message in server.chats[2].body["messages"]]  # type: ignore[index]
    assert [text for text in prompts if text in ("first", "second", "fourth and last")] == [
        "first",
        "second",
        "fourth and last",
    ]


async def test_a_prompt_is_sent_into_the_running_turn(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    release = threading.Event()
    server.script(
        reply(calls=[("list_files", {})], head_hold=release), reply("I mind them."), reply("Fine.")
    )
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "go")
        await until(pilot, lambda: len(server.chats) == 1, "the turn runs")
        await write(pilot, "mind the tests")
        await pilot.press("ctrl+s")
        await wait_for(pilot, "next step  mind the tests")
        release.set()
        await wait_for(pilot, "I mind them.")
        await until(pilot, lambda: "next step" not in screen_text(pilot), "it does not wait")
        assert "▌ mind the tests" in screen_text(pilot)
    assert sent(server, 1)["content"] == "mind the tests"
    assert len(server.chats) == 2


async def test_after_an_interrupt_nothing_is_sent_by_itself(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    server.script(reply("begun ", hold=threading.Event()))
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "first")
        await wait_for(pilot, "begun")
        await send(pilot, "second")
        await wait_for(pilot, "queued     second")
        await pilot.press("escape")
        await wait_for(pilot, "held       second")
        await ready(pilot)
        assert len(server.chats) == 1
        await pilot.press("up", "ctrl+s")
        await until(pilot, lambda: len(server.chats) == 2, "it was sent")
    assert sent(server)["content"] == "second"


# --- what comes back ----------------------------------------------------------------------------


async def test_what_was_not_sent_is_there_at_the_next_start(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    server.script(reply("begun ", hold=threading.Event()))
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "first")
        await wait_for(pilot, "begun")
        await send(pilot, "second")
        app.post_message(events.Paste("line\n" * 30))
        await wait_for(pilot, "[Pasted text 1, 31 lines]")
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, "your draft and 1 prompt that waited are back")
        await wait_for(pilot, "held       second")
        await wait_for(pilot, "▌ [Pasted text 1, 31 lines]")
        assert chat_of(pilot).composer.expanded() == "line\n" * 30
        await ready(pilot)
    assert len(server.chats) == 1


async def test_prompts_of_an_earlier_run_are_found_by_up_and_by_search(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for number, text in enumerate(("rename the parser", "run the tests"), start=1):
            await send(pilot, text)
            await until(pilot, lambda number=number: len(server.chats) == number, "it was sent")  # type: ignore[misc]
            await ready(pilot)
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        composer = chat_of(pilot).composer
        await pilot.press("up")
        await until(pilot, lambda: composer.text == "run the tests", "the last prompt")
        await pilot.press("ctrl+u", "ctrl+r")
        await wait_for(pilot, "Prompts sent here before")
        await pilot.press(*"PARSER")
        await until(pilot, lambda: "run the tests" not in screen_text(pilot), "it was searched")
        await pilot.press("enter")
        await until(pilot, lambda: composer.text == "rename the parser", "it was taken")


async def test_a_resumed_session_shows_attachments_and_commands_as_they_were(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    def conversation(screen: str) -> list[str]:
        return [line for line in screen.split("\n") if line.startswith(("  ▌", "  ✓", "    │"))]

    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 30)) as pilot:
        await ready(pilot)
        await send(pilot, "!echo seen")
        await wait_for(pilot, "+ $ echo seen exit 0, 1 line ×")
        await send(pilot, "why @src/parser.py ?")
        await wait_for(pilot, "Hello from the fake server.")
        live = conversation(screen_text(pilot))
    assert any("+ src/parser.py · 2 lines" in line for line in live)
    assert any("+ echo seen · exit 0, 1 line" in line for line in live)
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 30)) as pilot:
        await ready(pilot)
        await pilot.press(*"/resume", "enter")
        await wait_for(pilot, "1 turn · ")
        await pilot.press("enter")
        await wait_for(pilot, "+ src/parser.py · 2 lines")
        assert conversation(screen_text(pilot)) == live


async def test_the_prompt_of_the_command_line_is_sent_once_there_is_a_model(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url, model=None)
    app = VtcodeApp(replace(app.launch, first_prompt="explain @src/parser.py now"))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, "4 installed")
        assert not server.chats
        await pilot.press("enter")
        await wait_for(pilot, "Hello from the fake server.")
        assert sent(server)["content"].startswith("explain @src/parser.py now\n\n[file: src/parser")
        await pilot.press("up")
        assert chat_of(pilot).composer.text == "explain @src/parser.py now"
