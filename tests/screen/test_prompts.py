"""Prompts in the real app: attachments, the queue, and prompts that are given back."""

from __future__ import annotations

import asyncio
import base64
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from tests.fakes.ollama_server import FakeOllama, Wire, reply
from tests.screen.driving import chat_of, ready, until
from tests.screen.places import MODEL, app_in, screen_text, wait_for
from tests.screen.prompting import PNG, send, sent, write

pytestmark = pytest.mark.anyio


# --- mentions ---------------------------------------------------------------------------------


async def test_escape_twice_sets_the_prompt_aside_and_up_brings_it_back(
    server: FakeOllama, tmp_path: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        composer = chat_of(pilot).composer
        composer.load_draft("half a prompt")
        await pilot.press("escape")
        await wait_for(pilot, "Esc again sets the prompt aside.")
        assert composer.text == "half a prompt"
        # Another text is another first time.
        await pilot.press("s", "escape")
        await pilot.pause()
        assert composer.text == "half a prompts"
        await pilot.press("backspace", "escape", "escape")
        await until(pilot, lambda: composer.text == "", "set aside")
        await pilot.press("up")
        assert composer.text == "half a prompt"


async def test_a_mention_completes_shows_as_a_chip_and_attaches_the_file(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await write(pilot, "explain @pars")
        await wait_for(pilot, "› parser.py")
        await pilot.press("tab")
        await wait_for(pilot, "+ src/parser.py 26 B ×")
        await write(pilot, "please, @src/parser.py")
        await wait_for(pilot, "› parser.py")
        # There is nothing left to complete.
        await pilot.press("enter")
        await wait_for(pilot, "Hello from the fake server.")
        screen = screen_text(pilot)
    assert "▌ + src/parser.py · 2 lines" in screen
    message = sent(server)["content"]
    begin = "explain @src/parser.py please, @src/parser.py\n\n[file: src/parser.py (2 lines)]"
    assert message.startswith(begin)
    assert "return 1" in message


async def test_a_file_with_secrets_goes_along_only_when_the_user_says_so(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for keys in (("enter",), ("down", "enter")):
            await write(pilot, "see @.env now")
            await wait_for(pilot, "asks first")
            await pilot.press("enter")
            await wait_for(pilot, "usually holds secrets")
            count = len(server.chats)
            await pilot.press(*keys)
            await until(pilot, lambda count=count: len(server.chats) > count, "it was sent")  # type: ignore[misc]
            await ready(pilot)
    assert "hunter2" not in sent(server, 0)["content"]
    assert "hunter2" in sent(server, 1)["content"]


async def test_what_is_no_file_is_only_a_word(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "what does @property do, me@example.org?")
        await until(pilot, lambda: len(server.chats) == 1, "it was sent")
    assert sent(server)["content"] == "what does @property do, me@example.org?"


async def test_what_is_refused_sends_nothing_and_gives_the_prompt_back(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_rsa").write_text("KEY")
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        await write(pilot, "read @../.ssh/id_rsa x")
        await pilot.press("enter")
        await wait_for(pilot, "off limits")
        await wait_for(pilot, "your prompt is back")
        assert chat_of(pilot).composer.text == "read @../.ssh/id_rsa x"
    assert server.chats == []


# --- pictures -----------------------------------------------------------------------------------


async def test_a_model_that_sees_gets_the_picture(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url, model="gemma3:4b")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, "gemma3:4b")
        app.post_message(events.Paste(str(work / "shot.png")))
        await wait_for(pilot, "+ shot.png 28 B ×")
        await send(pilot, "and @shot.png too")
        await until(pilot, lambda: len(server.chats) == 1, "it was sent")
    assert sent(server)["images"] == [base64.b64encode(PNG).decode()] * 2


async def test_of_a_model_that_does_not_see_it_is_said(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        await write(pilot, "look at @shot.png now")
        await pilot.press("enter")
        await wait_for(pilot, f"{MODEL} cannot see pictures")
        assert chat_of(pilot).composer.text == "look at @shot.png now"
    assert server.chats == []


async def test_a_picture_sent_before_there_is_a_model_comes_back_from_one_that_does_not_see(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    is_written = threading.Event()

    def show(wire: Wire) -> None:
        wire.wait(is_written)
        wire.send_body(
            200, b'{"capabilities": ["completion"]}', {"Content-Type": "application/json"}
        )

    server.answers["/api/show"] = reply(serve=show)
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(100, 24)) as pilot:
        await asyncio.to_thread(server.wait_for_requests, "/api/show")
        await write(pilot, "look at @shot.png now")
        await pilot.press("enter")
        await wait_for(pilot, "queued     look at @shot.png now")
        is_written.set()
        await wait_for(pilot, f"{MODEL} cannot see pictures")
        assert chat_of(pilot).composer.text == "look at @shot.png now"
    assert server.chats == []


async def test_a_picture_is_taken_from_the_clipboard_and_can_be_removed(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    program = tmp_path / "bin" / "wl-paste"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat {work / 'shot.png'}\n")
    program.chmod(0o755)
    app = app_in(tmp_path, server.url, model="gemma3:4b")
    path = f"{program.parent}:{app.launch.environ['PATH']}"
    app.launch = replace(app.launch, environ={**app.launch.environ, "PATH": path})
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, "gemma3:4b")
        await pilot.press("alt+v")
        await wait_for(pilot, "+ picture from the clipboard 28 B ×")
        await pilot.press("backspace")
        await until(pilot, lambda: "from the clipboard" not in screen_text(pilot), "it is gone")
        program.write_text("#!/bin/sh\nexit 1\n")
        await pilot.press("alt+v")
        await wait_for(pilot, "There is no picture in the clipboard.")


# --- commands of the user's own -----------------------------------------------------------------


async def test_a_command_runs_and_its_output_goes_with_the_next_prompt(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "!echo one; ls")
        await wait_for(pilot, "✓ $ echo one; ls · exit 0")
        await wait_for(pilot, "│ shot.png")
        await wait_for(pilot, "+ $ echo one; ls exit 0, 3 lines ×")
        await send(pilot, "!!echo private")
        await wait_for(pilot, "│ private")
        await send(pilot, "why?")
        await wait_for(pilot, "Hello from the fake server.")
        assert "exit 0, 3 lines ×" not in screen_text(pilot)
    message = sent(server)["content"]
    assert "[the user ran: echo one; ls (exit 0, 3 lines)]" in message
    assert "one\nshot.png\nsrc" in message
    assert "private" not in message


async def test_escape_stops_the_command_and_what_waits_is_sent_then(
    server: FakeOllama, tmp_path: Path, work: Path
) -> None:
    app = app_in(tmp_path, server.url)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await send(pilot, "!echo begun; sleep 60")
        await wait_for(pilot, "│ begun")
        await send(pilot, "next")
        await wait_for(pilot, "queued     next")
        await pilot.press("escape")
        await wait_for(pilot, "■ $ echo begun; sleep 60 · stopped")
        await until(pilot, lambda: len(server.chats) == 1, "the next prompt was sent")
    assert sent(server)["content"] == "next"
