"""Faults of the disk as a person meets them: full, read-only, gone. What cannot be done is told, and
the app goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.at_rest import watched
from tests.e2e.conftest import COMMAND
from tests.e2e.mounts import mounted, read_only, small
from tests.e2e.terminal import Terminal, quiet_environment
from tests.e2e.test_app import MODEL, app, ask
from tests.fakes.ollama_server import FakeOllama, reply
from vtcode_tui.session.records import scan

WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})
RUN = ("run_terminal_cmd", {"command": "ls"})
ALLOW = '[tools]\ndefault_policy = "allow"\n\n[commands]\nallow_list = ["ls"]\n'


def allow_all(home: Path) -> None:
    config = home / ".config/vtcode-tui/vtcode.toml"
    config.parent.mkdir(parents=True)
    config.write_text(ALLOW)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass


def test_a_full_disk_is_told_until_it_has_room_and_nothing_is_lost(
    server: FakeOllama, home: Path, project: Path
) -> None:
    state = home / ".local/state"
    state.mkdir(parents=True)
    long = "word " * 8_000
    server.script(reply("Answer one."), reply(f"{long} SECOND"), reply("Answer three."))
    command = mounted([COMMAND, "--base-url", server.url, *MODEL], small(state, 128 * 1024))
    environment = quiet_environment(home)
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        ask(terminal, "question one")
        terminal.wait_for("Answer one.")
        disk = Path(f"/proc/{terminal.process.pid}/root{state}")
        fill(disk / "filler")
        ask(terminal, "question two")
        terminal.wait_for("SECOND")
        terminal.wait_for("not saved: No space left on device")
        ask(terminal, "question three")
        terminal.wait_for("Answer three.")
        assert "not saved: No space left on device" in terminal.text()
        (disk / "filler").unlink()
        ask(terminal, "question four")
        terminal.wait_for("Hello from the fake server.")
        screen = terminal.wait_for("The session is saved again, with all that was missing.")
        assert "not saved" not in screen.splitlines()[-2]
        (path,) = disk.glob("vtcode-tui/sessions/*/*.jsonl")
        scanned = scan(path.read_bytes())
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    assert (scanned.damaged, scanned.is_torn) == (0, False)
    assert [record.seq for record in scanned.records] == list(range(len(scanned.records)))
    kept = b"".join(repr(record.fields).encode() for record in scanned.records)
    for said in (b"question one", long.encode(), b"SECOND", b"Answer three.", b"question four"):
        assert said in kept


def test_a_read_only_home_costs_what_is_kept_there_and_no_more(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_all(home)
    server.script(reply(calls=[WRITE]), reply("Done."))
    command = mounted([COMMAND, "--base-url", server.url, *MODEL], read_only(home))
    environment = quiet_environment(home)
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("write it")
        terminal.wait_for("What you write is not kept before it is sent: Read-only file system")
        terminal.press("enter")
        terminal.wait_for("This session is not being saved: Read-only file system")
        terminal.wait_for("cannot be undone: its old content could not be kept (Read-only file")
        screen = terminal.wait_for("Done.")
        assert "Errno" not in screen
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"this session is not saved: Read-only file system" in terminal.received
    assert (project / "new.txt").read_text() == "hello\n"


def test_a_read_only_workspace_can_be_read_and_talked_about(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_all(home)
    (project / "a.txt").write_text("the content\n")
    read = ("read_file", {"path": "a.txt"})
    server.script(reply(calls=[read, WRITE]), reply("Only read."))
    command = mounted([COMMAND, "--base-url", server.url, *MODEL], read_only(project))
    environment = quiet_environment(home)
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        ask(terminal, "go")
        terminal.wait_for("Only read.")
        terminal.wait_for('"new.txt" cannot be used: Read-only file system.')
        terminal.press("/export", "enter")
        terminal.wait_for("The session cannot be written to")
        terminal.wait_for("vtcode-tui sessions export")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    body = server.chats[-1].body
    assert body is not None
    assert "the content" in body["messages"][-2]["content"]


def test_a_workspace_that_vanishes_is_told_and_the_app_goes_on(
    server: FakeOllama, home: Path, project: Path
) -> None:
    allow_all(home)
    server.script(reply(calls=[RUN, WRITE]), reply("Nothing worked."))
    with app(server.url, home, project, *MODEL) as terminal, watched(terminal):
        terminal.wait_for("ready · qwen3:1.7b")
        shutil.rmtree(project)
        ask(terminal, "go")
        terminal.wait_for("Nothing worked.")
        terminal.wait_for("It was deleted while this program worked in it.")
        ask(terminal, "!ls")
        screen = terminal.wait_for("$ ls failed, 2 lines")
        assert "Make it again: mkdir -p" in screen
        assert "There is no directory" in screen
        assert "Errno" not in screen
        terminal.press("/new", "enter")
        terminal.wait_for("lists the commands")
        ask(terminal, "see @a")
        terminal.wait_for("Hello from the fake server.")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"To go on: vtcode-tui --resume" in terminal.received
    assert not project.exists()


def test_a_home_that_cannot_be_is_told(server: FakeOllama, project: Path) -> None:
    environment = quiet_environment(Path("/proc/no-home"))
    for name in [name for name in environment if name.startswith("XDG_")]:
        del environment[name]
    command = [COMMAND, "--base-url", server.url, *MODEL]
    with Terminal(command, cwd=project, environment=environment) as terminal, watched(terminal):
        ask(terminal, "hello")
        terminal.wait_for("Hello from the fake server.")
        terminal.wait_for("This session is not being saved: No such file or directory")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"this session is not saved: No such file" in terminal.received
