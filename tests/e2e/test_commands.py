"""Commands in the installed app: the sandbox is told, the key is not found, nothing leaves it."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.e2e.test_app import MODEL, app, ask, wait_until_it_may_be_answered
from tests.fakes.ollama_server import FakeOllama, reply
from tests.unit.workspace.sandboxes import WORKING

CANARY = "canary-5d10"
NOTE = f"sandbox {WORKING[0].kind}" if WORKING else "no sandbox"
SEARCH = (
    "env; for p in self $$ $PPID $(ls /proc | grep '^[0-9]'); do"
    " tr '\\0' '\\n' < /proc/$p/environ; done 2>/dev/null; echo searched"
)


def run(command: str) -> tuple[str, dict[str, str]]:
    return ("run_terminal_cmd", {"command": command})


def test_the_status_line_and_the_question_say_what_sandbox_there_is(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(calls=[run("make all")]), reply("Done."))
    with app(server.url, home, project, *MODEL) as terminal:
        terminal.wait_for(NOTE)
        ask(terminal, "go")
        screen = terminal.wait_for("asks because")
        assert ("sandbox: " if WORKING else "no sandbox: ") in screen
        wait_until_it_may_be_answered(terminal)
        terminal.press("escape")
        terminal.wait_for("Done.")


def test_a_command_finds_no_key_in_the_app_or_beside_it(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(calls=[run(SEARCH)]), reply("Done."))
    environment = quiet_environment(home, OLLAMA_API_KEY=CANARY)
    command = [COMMAND, "--base-url", server.url, *MODEL]
    with Terminal(command, cwd=project, environment=environment) as terminal:
        ask(terminal, "go")
        wait_until_it_may_be_answered(terminal)
        terminal.press("ctrl+y")
        terminal.wait_for("Done.")
        assert CANARY.encode() not in terminal.received
    body = server.chats[-1].body
    assert body is not None
    answer = body["messages"][-1]["content"]
    assert "searched" in answer
    # Root without a sandbox may look into every process; nothing but a sandbox stops that.
    assert CANARY not in answer or (os.geteuid() == 0 and not WORKING)


def test_a_command_that_writes_outside_the_project_is_stopped_by_the_sandbox(
    server: FakeOllama, home: Path, project: Path
) -> None:
    outside = Path("/var/tmp") / f"vtcode-test-{uuid.uuid4().hex}"
    server.script(reply(calls=[run(f"echo x > {outside}")]), reply("Done."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "go")
        wait_until_it_may_be_answered(terminal)
        terminal.press("ctrl+y")
        terminal.wait_for("Done.")
    assert outside.exists() == (not WORKING)
    outside.unlink(missing_ok=True)
