"""Writing prompts in a real terminal: the user's editor, pastes, and a kill in the middle."""

from __future__ import annotations

import signal
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, reply

EDITOR = """\
#!/bin/sh
# Says what it got and what the terminal is like, waits for a key, and adds a line.
trap '' INT
printf 'EDITING [%s] ' "$(head -n 1 "$1")"
stty -a | grep -o -e ' -\\?icanon' -e ' -\\?echo '
read answer < /dev/tty
printf 'from the editor: %s\\n' "$answer" >> "$1"
"""


@contextmanager
def app(server: FakeOllama, home: Path, project: Path, **environ: str) -> Iterator[Terminal]:
    command = [COMMAND, "--base-url", server.url, "--model", "qwen3:1.7b"]
    environment = quiet_environment(home, **environ)
    with Terminal(command, cwd=project, environment=environment, columns=100, rows=24) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        yield terminal


def prompts(server: FakeOllama) -> list[str]:
    return [chat.body["messages"][-1]["content"] for chat in server.chats if chat.body is not None]


def test_keys_that_come_in_one_read_do_what_they_are_for_in_their_order(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server, home, project) as terminal:
        burst = "abx\x7fcd\x1b[D\x1b[DY"
        terminal.press(burst)
        terminal.wait_for("▌ abYcd")
        terminal.press("\x06")
        terminal.wait_for("then n and N")
        terminal.press(burst)
        terminal.wait_for("Find abYcd")
        terminal.press("\x0f")
        terminal.wait_for("installed")
        terminal.press(burst)
        terminal.wait_for("› abYcd")


def test_the_editor_gets_the_terminal_and_gives_it_back(
    server: FakeOllama, home: Path, project: Path
) -> None:
    editor = home / "editor"
    home.mkdir(exist_ok=True)
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    with app(server, home, project, EDITOR=str(editor)) as terminal:
        raw = termios.tcgetattr(terminal.process.child_fd)[3]
        terminal.press("a draft")
        terminal.wait_for("▌ a draft")
        terminal.press("\x07")
        terminal.wait_for("EDITING [a draft]")
        assert b"\x1b[?1049l" in terminal.received
        assert " icanon" in terminal.wait_for("echo")
        assert termios.tcgetattr(terminal.process.child_fd)[3] & termios.ICANON
        terminal.press("\x03")  # It is the editor's: the app goes on.
        terminal.press("yes\r")
        terminal.wait_for("from the editor: yes")
        screen = terminal.wait_for("ready · qwen3:1.7b")
        assert "▌ a draft" in screen
        assert termios.tcgetattr(terminal.process.child_fd)[3] == raw
        terminal.press(" more")
        terminal.wait_for("from the editor: yes more")
        terminal.press("enter")
        terminal.wait_for("Hello from the fake server.")
        terminal.press("\x1bc")  # Alt+C, as most terminals send it
        terminal.wait_for("Copied answer")
        terminal.press("\x1bx")  # an Alt key that does nothing, or a quick Esc and a letter
        terminal.wait_for("▌ x")
        terminal.press("\x7f", "tab")
        terminal.wait_for("Enter open, fold")
        terminal.press("e")
        terminal.wait_for("EDITING [Hello from the fake server.]")
        terminal.press("changed\r")
        terminal.wait_gone("EDITING")
        terminal.wait_for("Hello from the fake server.")
        terminal.wait_gone("changed")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert prompts(server) == ["a draft\nfrom the editor: yes more"]
    assert list((home / ".local/state/vtcode-tui/editing").iterdir()) == []


def test_an_editor_that_is_not_there_is_told_and_costs_nothing(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server, home, project, VISUAL="no-such-editor") as terminal:
        terminal.press("a draft")
        terminal.wait_for("▌ a draft")
        terminal.press("\x07")
        terminal.wait_for("Set $VISUAL or $EDITOR")
        assert "▌ a draft" in terminal.text()


def test_a_kill_takes_neither_the_draft_nor_what_waits(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("begun ", hold=threading.Event()))
    with app(server, home, project) as terminal:
        terminal.press("first", "enter")
        terminal.wait_for("begun")
        terminal.press("second", "enter")
        terminal.wait_for("queued     second")
        terminal.press("half a thou")
        terminal.wait_for("▌ half a thou")
        drafts = home / ".local/state/vtcode-tui/drafts"
        server.wait_until(
            lambda: any(b"half a thou" in path.read_bytes() for path in drafts.glob("*/*.draft")),
            20,
        )
        terminal.process.kill(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
    with app(server, home, project) as terminal:
        terminal.wait_for("held       second")
        terminal.wait_for("▌ half a thou")
        terminal.press("ght", "enter")
        terminal.wait_for("Hello from the fake server.")
    assert prompts(server) == ["first", "half a thought"]


def test_lines_that_come_without_bracketed_paste_are_one_prompt(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server, home, project) as terminal:
        terminal.press("one\rtwo\r\rthree\r")
        terminal.wait_for(lambda screen: all(word in screen for word in ("one", "two", "three")))
        terminal.wait_for("ready · qwen3:1.7b")  # What comes sooner belongs to the same paste.
        terminal.press("four")
        terminal.wait_for("four")
        assert server.chats == []
        terminal.press("enter")
        terminal.wait_for("Hello from the fake server.")
        # What a script types in one go with its Enter is a prompt that is sent.
        terminal.press("again\r")
        terminal.wait_for(lambda screen: screen.count("Hello from the fake server.") == 2)
    assert prompts(server) == ["one\ntwo\n\nthree\nfour", "again"]
