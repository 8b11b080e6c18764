"""The key is in no file, on no screen, in no process and in no message, whatever the tools do."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.hostile_project import CANARY, MODEL, Machine, machine
from tests.e2e.running import run_process
from tests.e2e.terminal import Terminal
from tests.fakes.ollama_server import reply

__all__ = ["machine"]

READS_PROC = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
LISTEN = "0A"
LOOK_EVERYWHERE = (
    "env; cat /proc/self/environ /proc/$PPID/environ | tr '\\0' '\\n'; cat /proc/[0-9]*/environ"
    " 2>/dev/null | tr '\\0' '\\n' | grep -a OLLAMA; true"
)
CALLS = (
    ("list_files", {"path": "."}),
    ("write_file", {"path": "a.txt", "content": "one\n"}),
    ("edit_file", {"path": "a.txt", "old_text": "one", "new_text": "two"}),
    ("read_file", {"path": "a.txt"}),
    ("search_files", {"pattern": "two"}),
    ("run_terminal_cmd", {"command": LOOK_EVERYWHERE}),
)
LEFT_OPEN = (
    "import vtcode_tui.private_process as private_process; private_process.close_to_other_processes = lambda: None;"
    " private_process._blank_in_memory = lambda names: None"
)
CRASHES = """
import vtcode_tui.tui.chat_screen as chat
def broken(self, *_):
    key = self.app.launch.loaded.keys[0].secret.get_secret_value()
    raise RuntimeError(f"no use for {key}")
chat.ChatScreen.on_mount = broken
"""


def run_every_tool(machine: Machine, **extra: str) -> bytes:
    """Everything that the program wrote to its terminal meanwhile."""
    config = machine.home / ".config/vtcode-tui/vtcode.toml"
    looser = '[tools]\ndefault_policy = "allow"\n[sandbox]\nmode = "off"\n'
    config.write_text(config.read_text() + looser)
    machine.own.script(*(reply(calls=[call]) for call in CALLS), reply("Done."))
    with machine.app(**extra) as terminal:
        terminal.wait_for(f"ready · {MODEL}")
        terminal.press("go", "enter")
        terminal.wait_for("ctrl+y approve once")
        terminal.press("ctrl+y")
        terminal.wait_for("Done.")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        return bytes(terminal.received)


def files_with_the_key(*directories: Path) -> list[str]:
    return [
        str(path)
        for directory in directories
        for path in directory.rglob("*")
        if path.is_file() and CANARY.encode() in path.read_bytes()
    ]


def test_no_tool_finds_or_leaves_the_key(machine: Machine) -> None:
    written = run_every_tool(machine)
    assert {request.headers.get("authorization") for request in machine.own.chats} == {
        f"Bearer {CANARY}"
    }
    bodies = json.dumps([request.body for request in machine.own.chats])
    assert "TERM=dumb" in bodies
    assert CANARY not in bodies
    assert CANARY.encode() not in written
    assert files_with_the_key(machine.home, machine.project) == []


@READS_PROC
def test_with_the_program_left_open_a_command_finds_it(machine: Machine) -> None:
    run_every_tool(machine, WATCH_PATCH=LEFT_OPEN)
    assert CANARY in json.dumps([request.body for request in machine.own.chats])


def test_a_crash_shows_no_secret_and_its_report_is_private(machine: Machine) -> None:
    with Terminal(
        ["/bin/sh", "-c", f"umask 000; exec {COMMAND}"],
        cwd=machine.project,
        environment=machine.environment(WATCH_PATCH=CRASHES),
    ) as terminal:
        assert terminal.wait_exit() == 1
        assert "because of a defect" in terminal.text()
        assert "Traceback" not in terminal.text()
        assert CANARY.encode() not in bytes(terminal.received)
    (report,) = (machine.home / ".local/state/vtcode-tui/crashes").glob("*.txt")
    assert "RuntimeError" in report.read_text()
    assert files_with_the_key(machine.home, machine.project) == []
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700


def test_a_trusted_project_gets_no_variable_into_a_command_and_the_user_does(
    machine: Machine,
) -> None:
    config = machine.home / ".config/vtcode-tui/vtcode.toml"
    config.write_text(config.read_text() + '[commands]\npass_env = ["OWN_URL"]\n')
    machine.write('[commands]\npass_env = ["DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HOOK"]\n')
    machine.own.script(reply(calls=[("run_terminal_cmd", {"command": "env"})]), reply("Done."))
    own = "postgres://app:own-pw-4711@db/x"
    theirs = {"DATABASE_URL": "u://a:db-pw@b", "AWS_SECRET_ACCESS_KEY": "aws-4711", "HOOK": "hook"}
    done = machine.run("--trust", "exec", "--approve-all", "go", OWN_URL=own, **theirs)
    assert done.returncode == 0, done.stderr
    assert "commands.pass_env is ignored in a project's file" in done.stderr
    seen = str(machine.own.chats[-1].body)
    assert f"OWN_URL={own}" in seen
    assert not any(name in seen or value in seen for name, value in theirs.items())
    (session,) = (machine.home / ".local/state/vtcode-tui/sessions").rglob("*.jsonl")
    assert "OWN_URL=postgres://app:***@db/x" in session.read_text()


@pytest.mark.parametrize("umask", ["000", "077"])
def test_all_that_is_kept_is_the_users_alone(machine: Machine, umask: str) -> None:
    """A session, old contents for an undo, a whole output, an approval and the trust."""
    machine.write('[agent]\ndefault_model = "gemma3:4b"\n')
    long = ("run_terminal_cmd", {"command": "seq 20000"})
    machine.own.script(reply(calls=[CALLS[1], long]), reply("Done."))
    done = run_process(
        [
            "/bin/sh",
            "-c",
            f"umask {umask}; {COMMAND} trust add; exec {COMMAND} exec --approve-all go",
        ],
        machine.project,
        machine.environment(),
    )
    assert done.returncode == 0, done.stderr
    state = machine.home / ".local/state/vtcode-tui"
    kept = [state, *state.rglob("*")]
    assert {path.name for path in state.iterdir()} >= {"sessions", "undo", "output", "trust.json"}
    for path in kept:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def listens(pid: int) -> bool:
    """Whether the process holds a TCP socket that waits for connections."""
    held = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # It was closed after it was listed.
            held.add(str(path.readlink()))
    tables = (Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6"))
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return any(row[3] == LISTEN and f"socket:[{row[9]}]" in held for row in rows)


@READS_PROC
def test_no_socket_is_listened_on(machine: Machine) -> None:
    with machine.app() as terminal:
        terminal.wait_for(f"ready · {MODEL}")
        assert not listens(terminal.process.pid or 0)
    with socket.create_server(("127.0.0.1", 0)):
        assert listens(os.getpid())
