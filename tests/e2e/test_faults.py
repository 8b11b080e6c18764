"""Faults of a server as a person sees them: what happened is told, and the app goes on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.test_app import MODEL, app, ask
from tests.fakes.hostile_streams import BY_ID, hostile_reply
from tests.fakes.ollama_server import FakeOllama, reply

BUSY = reply(status=503, error="server busy, please try again.")

SHOWN = (
    "ST025", "ST028", "ST030", "ST031", "ST034", "ST048", "ST057",
    "ST092", "ST134", "ST147", "ST158", "ST162", "ST165",
)  # fmt: skip


@pytest.mark.parametrize("start", [0, 1])
def test_hostile_answers_are_told_and_the_app_goes_on(
    server: FakeOllama, home: Path, project: Path, start: int
) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        for number, name in enumerate(SHOWN[start::2]):
            terminal.wait_for("ready · qwen3:1.7b")
            terminal.press("/new", "enter")
            terminal.wait_for("lists the commands")
            terminal.wait_gone("▌ /new")  # The empty screen of before says the same.
            server.script(hostile_reply(BY_ID[name]))
            ask(terminal, f"prompt {number}")
            screen = terminal.wait_for("/retry")
            assert re.search(BY_ID[name]["expect"]["error_like"], screen), f"{name}:\n{screen}"
            assert "Traceback" not in screen
        server.script(reply("Still here."))
        ask(terminal, "and now")
        terminal.wait_for("Still here.")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"\x1b]52" not in terminal.received


def test_a_retry_is_seen_and_can_be_stopped_and_had_by_hand(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(status=429, error="slow down", headers={"Retry-After": "55"}))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Esc stops it.")
        terminal.wait_for("retrying")
        terminal.press("escape")
        terminal.wait_for("ready · qwen3:1.7b")
        assert len(server.chats) == 1
        server.script(reply("one two three four", cut_after=2))
        terminal.press("/retry", "enter")
        terminal.wait_for("The answer is incomplete")
        server.script(reply("one two three four"))
        terminal.press("/retry", "enter")
        terminal.wait_for("one two three four")
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("/retry", "enter")
        terminal.wait_for("There is nothing to try again")
    assert len({request.raw_body for request in server.chats}) == 1


def test_a_busy_server_is_asked_again_by_itself(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(BUSY, reply("There it is."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        terminal.wait_for("Trying again in 1.")
        terminal.wait_for("There it is.")
