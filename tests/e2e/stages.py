"""What the app may be doing when something ends it: how each is reached, and what must be kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.at_rest import left_of, wait_until
from tests.e2e.terminal import Terminal
from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.fakes.wire import Wire

READY = "ready · qwen3:1.7b"
DRAFT = "half a thou"
_SETTINGS = '[tools]\ndefault_policy = "allow"\n\n[commands]\nallow_list = ["sleep 987"]\n'
_EDITOR = "#!/bin/sh\nprintf 'EDI''TING '\nexec sleep 987\n"


@dataclass(frozen=True)
class Stage:
    """``reach`` brings the app there from its start, with the server as ``prepare`` made it. ``after_ctrl_c`` is on the screen when Ctrl+C
    has done there what it is for; ``kept`` is in the session's file and ``draft`` among the drafts,
    whatever the end. Where another program has the terminal, what its keys send is for that one."""

    reach: Callable[[Terminal, FakeOllama, Path], None]
    prepare: Callable[[FakeOllama], None] | None = None
    after_ctrl_c: str = READY
    kept: str = ""
    draft: str = ""
    lends_terminal: bool = False


def prepare(home: Path) -> dict[str, str]:
    """The settings and the editor that the stages need; what the environment must have for it."""
    config = home / ".config/vtcode-tui/vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(_SETTINGS)
    editor = home / "editor"
    editor.write_text(_EDITOR)
    editor.chmod(0o755)
    return {"EDITOR": str(editor)}


def _type(terminal: Terminal, text: str, *keys: str) -> None:
    terminal.wait_for(READY)
    terminal.press(text)
    terminal.wait_for(text)
    terminal.press(*keys)


def _ask(answer: Reply, seen: str) -> Callable[[Terminal, FakeOllama, Path], None]:
    def reach(terminal: Terminal, server: FakeOllama, home: Path) -> None:
        server.script(answer)
        _type(terminal, "go on", "enter")
        terminal.wait_for(seen)

    return reach


def _start(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    terminal.wait_for("Ask for something")


def _idle(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    terminal.wait_for(READY)


def _write_a_prompt(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    _type(terminal, DRAFT)


def _connect(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    server.wait_for_requests("/api/tags", timeout_s=20)


def _never_answer(server: FakeOllama) -> None:
    server.answers["/api/tags"] = reply(serve=Wire.wait_until_client_closes)


def _load(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    _ask(reply(head_hold=threading.Event()), "loading model")(terminal, server, home)


def _wait_for_the_first_token(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    server.script(reply("Warm."))
    _type(terminal, "warm up", "enter")
    terminal.wait_for("Warm.")
    _ask(reply(head_hold=threading.Event()), "waiting for the model")(terminal, server, home)


def _run_a_tool(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    answer = reply(calls=[("run_terminal_cmd", {"command": "sleep 987"})])
    _ask(answer, "running tool")(terminal, server, home)
    _wait_for_the_child(home)


def _approve(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    answer = reply(calls=[("run_terminal_cmd", {"command": "make all"})])
    _ask(answer, "ctrl+y approve once ·")(terminal, server, home)


def _pull(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    layer = {"status": "pulling ab", "digest": "sha256:ab", "total": 4_000, "completed": 1_000}
    server.pull_lines = [layer] * 2_000
    server.pull_pace_s = 0.05
    _type(terminal, "/pull mistral:7b", "enter")
    terminal.wait_for("Pull mistral:7b?")
    terminal.press("enter")
    terminal.wait_for("25 %")


def _run_a_command(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    _type(terminal, "!sleep 987", "enter")
    _wait_for_the_child(home)


def _edit(terminal: Terminal, server: FakeOllama, home: Path) -> None:
    _type(terminal, DRAFT, "\x07")
    terminal.wait_for("EDITING")
    _wait_for_the_child(home)


def _wait_for_the_child(home: Path) -> None:
    wait_until(lambda: any("sleep 987" in each for each in left_of(home)))


_WORDS = "word " * 5000
_LIMITED = reply(status=429, error="slow down", headers={"Retry-After": "55"})
STAGES = {
    "starting": Stage(_start, after_ctrl_c="again to leave"),
    "idle": Stage(_idle, after_ctrl_c="again to leave"),
    "draft": Stage(_write_a_prompt, after_ctrl_c="Ask for something", draft=DRAFT),
    "connecting": Stage(_connect, prepare=_never_answer, after_ctrl_c="The attempt was stopped."),
    "loading": Stage(_load, kept="go on"),
    "first_token": Stage(_wait_for_the_first_token, kept="go on"),
    "thinking": Stage(_ask(reply(thinking=_WORDS, pace_s=0.02), "● thinking"), kept="go on"),
    "answering": Stage(_ask(reply(_WORDS, pace_s=0.02), "word word"), kept="word word"),
    "tool": Stage(_run_a_tool, kept="sleep 987"),
    "approval": Stage(_approve, kept="make all"),
    "retry": Stage(_ask(_LIMITED, "retrying"), kept="go on"),
    "pull": Stage(_pull, after_ctrl_c="was stopped at"),
    "command": Stage(_run_a_command),
    "editor": Stage(_edit, lends_terminal=True, draft=DRAFT),
}
