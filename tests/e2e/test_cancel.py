"""Esc stops whatever is under way, in every state of a turn, and the next prompt works."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.e2e.killing import MODEL as NAME
from tests.e2e.test_app import MODEL, app, ask
from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.fakes.wire import Wire

SETTINGS = '[tools]\ndefault_policy = "allow"\n\n[commands]\nallow_list = ["sleep 986"]\n'
CALL = ("run_terminal_cmd", {"command": "sleep 986"})


def states(held: threading.Event) -> list[tuple[str, Reply, str]]:
    """Its name, what the server does, and what is on the screen when it is reached."""
    return [
        ("loading", reply(head_hold=held), "loading model"),
        ("before the first token", reply(head_hold=held), "waiting for the model"),
        ("thinking", reply(thinking="hm " * 5000, pace_s=0.02), "● thinking"),
        ("answering", reply("word " * 5000, pace_s=0.02), "● answering"),
        ("in a call", reply("I will call.", calls=[CALL], hold=held), "I will call."),
        ("running a tool", reply(calls=[CALL]), "running tool"),
        ("waiting to try again", _limited(), "retrying"),
    ]


def _limited() -> Reply:
    return reply(status=429, error="slow down", headers={"Retry-After": "58"})


def test_escape_in_every_state_of_a_turn(server: FakeOllama, home: Path, project: Path) -> None:
    config = home / ".config/vtcode-tui/vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(SETTINGS)
    held = threading.Event()
    with app(server.url, home, project, *MODEL) as terminal:
        for number, (name, answer, seen) in enumerate(states(held)):
            server.script(answer)
            ask(terminal, f"prompt {number}")
            terminal.wait_for(seen)
            terminal.press("escape")
            terminal.wait_for(lambda screen: f"ready · {NAME}" in screen)
            server.wait_until(lambda: server.chats[-1].finished, timeout_s=20)
            assert len(server.chats) == number + 1, f"{name}: asked again after Esc"
            terminal.press("/clear", "enter")
            terminal.wait_for("lists the commands")
        server.script(reply("All is well."))
        ask(terminal, "and now")
        terminal.wait_for("All is well.")
    held.set()


def test_escape_while_connecting_asks_what_to_do(home: Path, project: Path) -> None:
    with FakeOllama() as server:
        server.answers["/api/tags"] = reply(serve=_never_answers)
        with app(server.url, home, project, *MODEL) as terminal:
            server.wait_for_requests("/api/tags", timeout_s=20)
            terminal.press("escape")
            terminal.wait_for("The attempt was stopped.")
            del server.answers["/api/tags"]
            terminal.press("enter")
            terminal.wait_for(f"ready · {NAME}")


def _never_answers(wire: Wire) -> None:
    wire.wait_until_client_closes()
