"""Every way out of the app, in a real pty: the terminal is left as it was found."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.e2e.at_rest import (
    assert_at_rest,
    modes_on,
    new_line_settings,
    state_of,
    wait_until,
    watched,
)
from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.e2e.test_app import MODEL, app, ask
from tests.fakes.ollama_server import FakeOllama, reply

READY = "ready · qwen3:1.7b"
LONG = reply("word " * 5000, pace_s=0.02)


@pytest.mark.parametrize("keys", [("ctrl+q",), ("ctrl+c", "ctrl+c"), ("/exit", "enter")])
def test_keys_and_the_command(
    server: FakeOllama, home: Path, project: Path, keys: tuple[str, ...]
) -> None:
    with app(server.url, home, project, *MODEL) as terminal, watched(terminal):
        terminal.wait_for(READY)
        for key in keys:
            terminal.press(key)
            if key == "ctrl+c":
                terminal.wait_for("again to leave")
            if key == "/exit":
                terminal.wait_for("/exit")
        assert terminal.wait_exit() == 0


def test_a_stop_gives_the_terminal_back_and_going_on_takes_it_again(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server.url, home, project, *MODEL) as terminal, watched(terminal):
        before = new_line_settings()
        terminal.wait_for(READY)
        terminal.press("ctrl+z")  # Nothing is typed that it could undo.
        wait_until(lambda: state_of(terminal) == "T")
        assert_at_rest(terminal)
        assert termios.tcgetattr(terminal.process.child_fd) == before
        terminal.process.kill(signal.SIGCONT)
        terminal.wait_for(READY)
        wait_until(lambda: 1049 in modes_on(bytes(terminal.received)))
        terminal.press("a draft")
        terminal.wait_for("a draft")
        terminal.press("ctrl+z")
        terminal.wait_gone("a draft")  # It undoes what is typed, and the app stays.
        terminal.press("still here")
        terminal.wait_for("still here")
        terminal.process.kill(signal.SIGTSTP)
        wait_until(lambda: state_of(terminal) == "T")
        assert_at_rest(terminal)
        terminal.process.kill(signal.SIGCONT)
        wait_until(lambda: 1049 in modes_on(bytes(terminal.received)))
        terminal.press(", again")
        terminal.wait_for("still here, again")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("shell", ["exec {}", "trap '' HUP; exec {}"])
def test_a_terminal_that_is_closed_ends_the_app_and_keeps_the_session(
    server: FakeOllama, home: Path, project: Path, shell: str
) -> None:
    server.script(LONG)
    words = " ".join([COMMAND, "--base-url", server.url, *MODEL])
    command = ["/bin/sh", "-c", shell.format(words)]
    terminal = Terminal(command, cwd=project, environment=quiet_environment(home))
    ask(terminal, "go")
    terminal.wait_for("word word")
    pid = terminal.process.pid
    assert pid is not None
    os.close(terminal.process.child_fd)
    wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)
    (session,) = (home / ".local/state/vtcode-tui/sessions").glob("*/*.jsonl")
    assert "word word" in session.read_text()


def test_a_terminal_that_is_closed_while_nothing_goes_on_ends_the_app(
    server: FakeOllama, home: Path, project: Path
) -> None:
    command = [COMMAND, "--base-url", server.url, *MODEL]
    # Unbuffered, each write meets the terminal's end at once, and many are left to do.
    environment = quiet_environment(home, PYTHONUNBUFFERED="1")
    terminal = Terminal(command, cwd=project, environment=environment)
    terminal.wait_for("ready · qwen3:1.7b")
    pid = terminal.process.pid
    assert pid is not None
    os.close(terminal.process.child_fd)
    wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)


CRASH = """\
import sys
from vtcode_tui.tui.chat_screen import ChatScreen

def fail(self, *_):
    secret = "sk-CANARY-in-a-local"
    raise RuntimeError("sk-CANARY-in-a-message")

ChatScreen.action_show_context = fail
from vtcode_tui.cli import entry_point
entry_point()
"""


def test_a_crash_names_its_report_which_holds_no_secret(
    server: FakeOllama, home: Path, project: Path
) -> None:
    command = [sys.executable, "-c", CRASH, "--base-url", server.url, *MODEL]
    environment = quiet_environment(home, OLLAMA_API_KEY="sk-CANARY-the-key")
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        ask(terminal, "hello there")
        terminal.wait_for("Hello from the fake server.")
        terminal.press("/context", "enter")
        assert terminal.wait_exit() == 1
        shown = terminal.received.rpartition(b"\x1b[?1049l")[2].decode()
    assert "ended because of a defect" in shown
    assert "RuntimeError" in shown
    assert "To go on: vtcode-tui --resume" in shown
    (report,) = (home / ".local/state/vtcode-tui/crashes").glob("*.txt")
    assert str(report) in shown.replace("\r\n", "")
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text()
    assert "RuntimeError" in text
    assert "in fail" in text
    assert "vtcode-tui: " in text
    assert "CANARY" not in shown + text.replace('raise RuntimeError("sk-CANARY', "")
    assert "Traceback" not in shown


def test_a_terminal_without_a_cursor_is_told_and_left_alone(home: Path, project: Path) -> None:
    environment = quiet_environment(home, TERM="dumb")
    with Terminal([COMMAND], cwd=project, environment=environment) as terminal:
        assert terminal.wait_exit() == 2
        shown = terminal.received.decode()
    assert "TERM=dumb" in shown
    assert "vtcode-tui exec" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("where", ["stdin", "stdout"])
def test_without_a_terminal_it_says_what_to_run(home: Path, project: Path, where: str) -> None:
    outside, inside = os.openpty()
    streams = {"stdin": inside, "stdout": inside, where: subprocess.PIPE}
    done = subprocess.run(
        [COMMAND],
        cwd=project,
        env=quiet_environment(home),
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        **streams,  # type: ignore[call-overload]
    )
    os.close(inside)
    os.close(outside)
    assert done.returncode == 2
    what, why, advice = done.stderr.splitlines()
    assert what == "vtcode-tui: The full-screen app needs a terminal."
    assert "Standard input or output is not one." in why
    assert 'vtcode-tui ask "..."' in advice


def test_a_plain_terminal_gets_plain_signs_and_no_colour(
    server: FakeOllama, home: Path, project: Path
) -> None:
    environment = quiet_environment(home, LC_ALL="C", NO_COLOR="1")
    del environment["TERM"], environment["LANG"], environment["COLORTERM"]
    command = [COMMAND, "--base-url", server.url, *MODEL]
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        terminal.wait_for("o ready - qwen3:1.7b")
        terminal.press("hello")
        terminal.wait_for("| hello")
        terminal.press("enter")
        terminal.wait_for("Hello from the fake server.")
        assert terminal.text().isascii()
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        coloured = re.findall(rb"\x1b\[[\d;]*\b[34]8;2;(\d+);(\d+);(\d+)", terminal.received)
        assert all(red == green == blue for red, green, blue in coloured)


def test_a_locale_without_utf8_is_told(server: FakeOllama, home: Path, project: Path) -> None:
    environment = quiet_environment(home, PYTHONIOENCODING="latin-1")
    command = [COMMAND, "--base-url", server.url, *MODEL]
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        terminal.wait_for("not UTF-8")
        terminal.wait_for("LC_ALL=C.UTF-8")
        ask_plainly = "hello"
        terminal.press(ask_plainly, "enter")
        terminal.wait_for("Hello from the fake server.")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("size", [(20, 5), (1, 1)])
def test_a_tiny_terminal_starts_and_a_storm_of_sizes_passes(
    server: FakeOllama, home: Path, project: Path, size: tuple[int, int]
) -> None:
    server.script(reply("word " * 100, pace_s=0.01))
    columns, rows = size
    with (
        app(server.url, home, project, *MODEL, columns=columns, rows=rows) as terminal,
        watched(terminal),
    ):
        server.wait_for_requests("/api/show", timeout_s=20)  # Nothing can be seen in one cell.
        terminal.press("go")
        terminal.press("enter")
        server.wait_for_requests("/api/chat", timeout_s=20)
        for step in range(60):
            terminal.resize(1 + step * 37 % 160, 1 + step * 13 % 50)
        terminal.resize(100, 30)
        terminal.wait_for(READY)
        terminal.wait_for("word word")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0


def test_a_question_in_a_terminal_too_small_for_it_is_not_approved_unread(
    server: FakeOllama, home: Path, project: Path
) -> None:
    command = f"touch made && echo {'x' * 50} END"
    server.script(reply(calls=[("run_terminal_cmd", {"command": command})]), reply("Then not."))
    with app(server.url, home, project, *MODEL) as terminal, watched(terminal):
        terminal.wait_for(READY)
        terminal.resize(40, 8)
        terminal.press("go")
        terminal.wait_for("▌ go")
        terminal.press("enter")
        # The first layout has room for all of it, for a moment that does not count.
        terminal.wait_for(
            lambda screen: "touch made" in screen and "END" not in screen and "read to" in screen
        )
        for columns, rows in ((20, 5), (1, 1), (20, 5), (100, 30)):
            terminal.resize(columns, rows)
        terminal.wait_for("ctrl+y approve once ·")
        terminal.press("escape")
        terminal.wait_for("Then not.")
        terminal.wait_for("denied")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert not (project / "made").exists()


def test_what_is_typed_before_the_first_paint_is_kept(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.press("typed at once")
        terminal.wait_for("▌ typed at once")
        terminal.wait_for(READY)
        assert server.chats == []
