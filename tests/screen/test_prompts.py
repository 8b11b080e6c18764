"""Prompts in the real app: attachments, the queue, and prompts that are given back."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama, Wire, reply
from tests.screen.driving import chat_of, ready, until
from tests.screen.places import MODEL, app_in, screen_text, wait_for
from vtcode_tui.tui.app import VtcodeApp

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 12 + b"IEND\xaeB`\x82"


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        yield fake


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / "src").mkdir(parents=True)
    (work / "src" / "parser.py").write_text("def parse():\n    return 1\n")
    (work / ".env").write_text("SECRET=hunter2\n")
    (work / "shot.png").write_bytes(PNG)
    return work


async def write(pilot: Pilot[int], text: str) -> None:
    """Type, and wait until it is there: what comes with the keys is settled."""
    composer = chat_of(pilot).composer
    wanted = composer.text + text
    await pilot.press(*["space" if each == " " else each for each in text])
    await until(pilot, lambda: composer.text == wanted, f"{wanted!r} is typed")


async def send(pilot: Pilot[int], text: str) -> None:
    await write(pilot, text)
    await pilot.press("enter")
    await until(pilot, lambda: not chat_of(pilot).composer.text, "it was sent")


def sent(server: FakeOllama, chat: int = -1) -> dict[str, Any]:
    """The last message of a request."""
    body = server.chats[chat].body
    assert body is not None
    message = body["messages"][-1]
    assert isinstance(message, dict)
    return message


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
