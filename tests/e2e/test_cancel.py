"""Esc and Ctrl+C stop whatever is under way, in every state; what came stays, and the next prompt
works."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.killing import MODEL as NAME
from tests.e2e.terminal import Terminal
from tests.e2e.test_app import MODEL, WRITE, app, ask, wait_until_it_may_be_answered
from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.fakes.wire import Wire

SETTINGS = """\
[tools.policies]
run_terminal_cmd = "allow"

[commands]
allow_list = ["sleep 986"]
"""
CALL = ("run_terminal_cmd", {"command": "sleep 986"})
BOTH_KEYS = pytest.mark.parametrize("key", ["escape", "ctrl+c"])


class State(NamedTuple):
    """``seen`` is on the screen when it is reached, ``stays`` after it was stopped."""

    name: str
    answer: Reply
    seen: str
    stays: str = ""


def states(held: threading.Event) -> list[State]:
    return [
        State("loading", reply(head_hold=held), "loading model"),
        State("before the first token", reply(head_hold=held), "waiting for the model"),
        State("thinking", reply(thinking="hm " * 5000, pace_s=0.02), "● thinking", "▸ Thought"),
        State("answering", reply("word " * 5000, pace_s=0.02), "word word", "word word"),
        State(
            "in a call",
            reply("I will call.", calls=[CALL], hold=held),
            "I will call.",
            "I will call.",
        ),
        State("running a tool", reply("I run it.", calls=[CALL]), "running tool", "I run it."),
        State("waiting to try again", _limited(), "retrying", "Trying again"),
    ]


def _limited() -> Reply:
    return reply(status=429, error="slow down", headers={"Retry-After": "58"})


def configure(home: Path) -> None:
    config = home / ".config/vtcode-tui/vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(SETTINGS)


def stop(terminal: Terminal, key: str) -> None:
    terminal.press(key)
    terminal.wait_for(lambda screen: f"ready · {NAME}" in screen)


def next_prompt_works(server: FakeOllama, terminal: Terminal) -> None:
    server.script(reply("All is well."))
    ask(terminal, "and now")
    terminal.wait_for("All is well.")


@BOTH_KEYS
def test_every_state_of_a_turn(server: FakeOllama, home: Path, project: Path, key: str) -> None:
    configure(home)
    held = threading.Event()
    with app(server.url, home, project, *MODEL) as terminal:
        for number, state in enumerate(states(held)):
            server.script(state.answer)
            ask(terminal, f"prompt {number}")
            terminal.wait_for(state.seen)
            # What is on the screen may be there before the request is.
            server.wait_until(lambda: len(server.chats) > number, timeout_s=20)  # noqa: B023
            stop(terminal, key)
            terminal.wait_for(state.stays)
            assert f"prompt {number}" in terminal.text()
            server.wait_until(lambda: server.chats[-1].finished, timeout_s=20)
            assert len(server.chats) == number + 1, f"{state.name}: asked again after {key}"
            terminal.press("/clear", "enter")
            terminal.wait_for("lists the commands")
        next_prompt_works(server, terminal)
    held.set()


@BOTH_KEYS
def test_making_room(server: FakeOllama, home: Path, project: Path, key: str) -> None:
    held = threading.Event()
    with app(server.url, home, project, *MODEL) as terminal:
        for number in range(3):
            server.script(reply(f"answer {number}."))
            ask(terminal, f"prompt {number}")
            terminal.wait_for(f"answer {number}.")
        terminal.wait_for(f"ready · {NAME}")
        server.script(reply("summary " * 9000, hold=held, pace_s=0.02))
        terminal.press("/compact", "enter")
        terminal.wait_for("making room")
        server.wait_until(lambda: len(server.chats) == 4, timeout_s=20)
        terminal.press("while it runs", "enter")
        terminal.wait_for("queued     while it runs")
        terminal.press(key)
        server.wait_until(lambda: server.chats[3].closed_early, timeout_s=20)
        terminal.wait_for("Making room was stopped.")
        terminal.wait_for("held       while it runs")
        server.script(reply("Not forgotten."))
        terminal.press("ctrl+s")
        terminal.wait_for("Not forgotten.")
        body = server.chats[-1].body
        assert body is not None
        told = [message["content"] for message in body["messages"] if message["role"] == "user"]
        assert told == ["prompt 0", "prompt 1", "prompt 2", "while it runs"]
    held.set()


@BOTH_KEYS
def test_a_command_of_ones_own(server: FakeOllama, home: Path, project: Path, key: str) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for(f"ready · {NAME}")
        terminal.press("!echo came; sleep 987")
        terminal.wait_for("outside the sandbox")
        terminal.press("enter")
        terminal.wait_for("running your command")
        terminal.wait_for("came")
        stop(terminal, key)
        assert "came" in terminal.text()
        next_prompt_works(server, terminal)


@BOTH_KEYS
def test_a_pull(server: FakeOllama, home: Path, project: Path, key: str) -> None:
    server.pull_pace_s = 0.8
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for(f"ready · {NAME}")
        terminal.press("/pull tiny:1b")
        terminal.wait_for("/pull tiny:1b")
        terminal.press("enter")
        terminal.wait_for("Pull tiny:1b?")
        terminal.press("enter")
        terminal.wait_for("Pulling tiny:1b")
        terminal.wait_for("%")
        terminal.press(key)
        terminal.wait_for("was stopped at")
        server.wait_for_close(20)
        next_prompt_works(server, terminal)


def test_escape_in_the_question_denies_and_ctrl_c_stops_the_turn(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        server.script(reply("I write.", calls=[WRITE]), reply("Then not."))
        ask(terminal, "write it")
        wait_until_it_may_be_answered(terminal)
        terminal.press("escape")
        terminal.wait_for("Then not.")
        server.script(reply("I write again.", calls=[WRITE]))
        ask(terminal, "once more")
        terminal.wait_for(lambda screen: "keys are held" in screen or "approve once ·" in screen)
        terminal.press("ctrl+c")
        terminal.wait_for("Interrupted")
        assert "I write again." in terminal.text()
        assert len(server.chats) == 3
        assert not (project / "new.txt").exists()
        next_prompt_works(server, terminal)


@BOTH_KEYS
def test_the_question_about_a_plan(server: FakeOllama, home: Path, project: Path, key: str) -> None:
    server.script(reply("## Plan\n\n1. Do nothing at all.\n"))
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for(f"ready · {NAME}")
        terminal.press("backtab", "backtab")
        terminal.wait_for("Plan mode")
        ask(terminal, "plan it")
        terminal.wait_for("Carry out the plan?")
        terminal.press(key)
        terminal.wait_gone("Carry out the plan?")
        assert "Do nothing at all." in terminal.text()
        assert len(server.chats) == 1
        next_prompt_works(server, terminal)


@BOTH_KEYS
def test_connecting(home: Path, project: Path, key: str) -> None:
    with FakeOllama() as server:
        server.answers["/api/tags"] = reply(serve=_never_answers)
        with app(server.url, home, project, *MODEL) as terminal:
            server.wait_for_requests("/api/tags", timeout_s=20)
            terminal.press(key)
            terminal.wait_for("The attempt was stopped.")
            del server.answers["/api/tags"]
            terminal.press("enter")
            terminal.wait_for(f"ready · {NAME}")
            next_prompt_works(server, terminal)


def _never_answers(wire: Wire) -> None:
    wire.wait_until_client_closes()
