"""Sessions as a person has them: come back, the list, copies, two apps at once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.long_session import LAST_WORDS, SESSION_ID, write_long_session
from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import Terminal, quiet_environment
from tests.e2e.test_app import wait_until_it_may_be_answered
from tests.fakes.ollama_server import FakeOllama, reply
from vtcode_tui.session.records import scan
from vtcode_tui.session.store import read_session

MODEL = ("--model", "qwen3:1.7b")
WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})
COME_BACK = re.compile(rb"To go on: vtcode-tui --resume ([0-9a-f]{8}) --base-url (\S+)\r\n")


@contextmanager
def app(server: FakeOllama, home: Path, project: Path, *options: str) -> Iterator[Terminal]:
    command = [COMMAND, "--base-url", server.url, *options]
    environment = quiet_environment(home)
    with Terminal(command, cwd=project, environment=environment, columns=100, rows=30) as terminal:
        yield terminal


def ask(terminal: Terminal, prompt: str, answer: str) -> None:
    terminal.wait_for("ready · ")
    terminal.wait_gone("no model")
    terminal.press(prompt)
    terminal.wait_for(prompt)
    terminal.press("enter")
    terminal.wait_for(answer)
    terminal.wait_for("ready · ")


def leave(terminal: Terminal) -> str:
    """Leave the app; the id that it names for coming back."""
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    found = COME_BACK.search(terminal.received)
    assert found is not None, terminal.received[-300:]
    assert terminal.received.index(b"\x1b[?1049l") < found.start()
    return found[1].decode()


def command(home: Path, project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_process([COMMAND, *words], project, quiet_environment(home))


def files(home: Path) -> list[Path]:
    return sorted((home / ".local/state/vtcode-tui/sessions").glob("*/*.jsonl"))


def body_of(server: FakeOllama) -> dict[str, Any]:
    body = server.chats[-1].body
    assert body is not None
    return body


def test_the_exit_line_says_how_to_come_back_and_it_works(
    server: FakeOllama, home: Path, project: Path
) -> None:
    (project / "a.txt").write_text("the content\n")
    server.script(
        reply(thinking="I must look.", calls=[("read_file", {"path": "a.txt"})]),
        reply("It **says** the content."),
    )
    with app(server, home, project, *MODEL, "--effort", "high") as terminal:
        ask(terminal, "What does it say?", "It says the content.")
        session_id = leave(terminal)
    server.script(reply("You asked about a.txt."))
    with app(server, home, project, "--resume", session_id) as terminal:
        screen = terminal.wait_for("It says the content.")
        for part in ("What does it say?", "Thought", "read_file", "a.txt"):
            assert part in screen
        ask(terminal, "What did I ask?", "You asked about a.txt.")
        assert (
            "effort medium" in terminal.text()
        )  # What "high" is for a model that is only on or off.
        assert leave(terminal) == session_id
    body = body_of(server)
    assert (body["model"], body["think"]) == ("qwen3:1.7b", True)
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert len(files(home)) == 1


def test_an_app_in_which_nothing_was_said_leaves_nothing(
    server: FakeOllama, home: Path, project: Path
) -> None:
    with app(server, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
        assert b"--resume" not in terminal.received
    assert files(home) == []


def test_the_last_session_goes_on_and_new_begins_another(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("Answer one."), reply("Answer two."), reply("Answer three."))
    with app(server, home, project, *MODEL) as terminal:
        ask(terminal, "question one", "Answer one.")
        first = files(home)
        terminal.press("/new", "enter")
        terminal.wait_gone("Answer one.")
        ask(terminal, "question two", "Answer two.")
        last = leave(terminal)
    assert len(files(home)) == 2
    assert last not in first[0].name
    with app(server, home, project, "--continue") as terminal:
        screen = terminal.wait_for("Answer two.")
        assert "question one" not in screen
        ask(terminal, "question three", "Answer three.")
    prompts = [m["content"] for m in body_of(server)["messages"] if m["role"] == "user"]
    assert prompts == ["question two", "question three"]


def test_what_was_approved_for_the_session_is_approved_again_and_not_in_a_new_one(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(calls=[WRITE]), reply("Written."))
    with app(server, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("write it", "enter")
        wait_until_it_may_be_answered(terminal)
        terminal.click("Approve for this session")
        terminal.wait_for("Written.")
        leave(terminal)
    made = project / "new.txt"
    made.unlink()
    server.script(reply(calls=[WRITE]), reply("Written again."))
    with app(server, home, project, "--continue") as terminal:
        terminal.wait_for("Written.")
        ask(terminal, "and again", "Written again.")
        assert made.exists()
        made.unlink()
        terminal.press("/new", "enter")
        terminal.wait_gone("Written again.")
        server.script(reply(calls=[WRITE]))
        terminal.press("once more", "enter")
        terminal.wait_for("Approve once")
        assert not made.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_turn_and_keeps_all_that_came(
    server: FakeOllama, home: Path, project: Path, number: int
) -> None:
    server.script(reply(tokens=[f"<{n}> " for n in range(5000)], pace_s=0.01))
    with app(server, home, project, *MODEL) as terminal:
        terminal.wait_for("ready · qwen3:1.7b")
        terminal.press("count", "enter")
        shown = re.findall(r"<(\d+)>", terminal.wait_for("<40>"))
        terminal.process.kill(number)
        assert terminal.wait_exit() == 128 + number
    server.wait_for_close(5)
    (path,) = files(home)
    replayed = read_session(path)
    assert not replayed.was_stopped
    assert replayed.messages[-1].content.startswith("".join(f"<{n}> " for n in range(int(shown[-1]) + 1)))  # fmt: skip


def test_resume_without_an_id_lets_one_be_picked(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("One it is."))
    assert command(home, project, "--base-url", server.url, *MODEL, "exec", "one").returncode == 0
    with app(server, home, project, *MODEL, "--resume") as terminal:
        terminal.wait_for("1 session was held here")
        terminal.wait_for("one")
        terminal.press("enter")
        terminal.wait_for("One it is.")
        terminal.wait_for("ready · qwen3:1.7b")


def test_a_fork_leaves_the_first_as_it_is(server: FakeOllama, home: Path, project: Path) -> None:
    server.script(reply("Answer one."), reply("Answer in the fork."))
    with app(server, home, project, *MODEL) as terminal:
        ask(terminal, "question one", "Answer one.")
        terminal.press("/fork", "enter")
        terminal.wait_for("This is a copy")
        ask(terminal, "question in the fork", "Answer in the fork.")
        fork = leave(terminal)
    assert len(files(home)) == 2
    shown = command(home, project, "sessions", "show", fork).stdout
    assert "Answer one." in shown
    assert "Answer in the fork." in shown
    (first,) = (path for path in files(home) if fork not in path.name)
    assert b"in the fork" not in first.read_bytes()


def test_two_apps_on_one_session_write_two_files(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("Answer one."))
    with app(server, home, project, *MODEL) as terminal:
        ask(terminal, "question one", "Answer one.")
        leave(terminal)
    with app(server, home, project, "--continue") as one:
        one.wait_for("ready · qwen3:1.7b")
        with app(server, home, project, "--continue") as two:
            two.wait_for("it goes on here in a copy")
            server.script(reply("In the first."))
            ask(one, "to the first", "In the first.")
            server.script(reply("In the second."))
            ask(two, "to the second", "In the second.")
            second = leave(two)
        first = leave(one)
    assert first != second
    for path in files(home):
        content = scan(path.read_bytes())
        assert (content.damaged, content.is_torn) == (0, False)
        assert (b"In the second." in path.read_bytes()) == (second in path.name)
    assert len(files(home)) == 2


def test_a_session_of_two_thousand_turns_lets_one_type_before_it_is_there(
    server: FakeOllama, home: Path, project: Path
) -> None:
    write_long_session(home / ".local/state/vtcode-tui", project)
    with app(server, home, project, "--resume", SESSION_ID) as terminal:
        terminal.press("typed at once")
        terminal.wait_for("▌ typed at once")
        terminal.wait_for(LAST_WORDS)
        assert "▌ typed at once" in terminal.text()
        shown = terminal.received.decode(errors="replace")
    assert shown.index("typed") < shown.index(LAST_WORDS.split(":")[0])


def test_a_damaged_file_shows_what_is_whole_and_says_what_is_not(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("Answer one."), reply("Answer two."))
    with app(server, home, project, *MODEL) as terminal:
        ask(terminal, "question one", "Answer one.")
        ask(terminal, "question two", "Answer two.")
        leave(terminal)
    (path,) = files(home)
    lines = path.read_bytes().splitlines(keepends=True)
    answer = next(n for n, line in enumerate(lines) if b"Answer one." in line)
    lines[answer] = b"\0" * len(lines[answer])
    path.write_bytes(b"".join(lines)[:-40])
    server.script(reply("Answer three."))
    with app(server, home, project, "--continue") as terminal:
        screen = terminal.wait_for("damaged records were skipped")
        assert "question one" in screen
        assert "Answer two." in screen
        ask(terminal, "question three", "Answer three.")
    assert Path(f"{path}.torn").exists()
    roles = [message["role"] for message in body_of(server)["messages"]]
    assert roles[-3:] == ["user", "assistant", "user"]


def test_what_is_kept_is_private_and_holds_no_key(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.api_key = "canary-key-0123"
    server.script(reply("Your key is canary-key-0123, is it not?", thinking="canary-key-0123"))
    environment = {
        **quiet_environment(home),
        "OLLAMA_BASE_URL": server.url,
        "OLLAMA_API_KEY": "canary-key-0123",
    }
    done = run_process(
        ["/bin/bash", "-c", f"umask 000; {COMMAND} --model qwen3:1.7b exec tell canary-key-0123"],
        project,
        environment,
    )
    assert done.returncode == 0, done.stderr
    (path,) = files(home)
    assert b"canary" not in path.read_bytes()
    assert b"Your key is ***, is it not?" in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_sessions_are_listed_shown_exported_deleted_and_pruned(
    server: FakeOllama, home: Path, project: Path
) -> None:
    assert command(home, project, "sessions", "list").stdout == ""
    for words in ("one\x1b]52;c;eA==\x07", "two", "three"):
        server.script(reply(f"Answer to {words}."))
        assert command(
            home, project, "--base-url", server.url, *MODEL, "exec", words
        ).returncode == 0  # fmt: skip
    listed = command(home, project, "sessions", "list")
    assert "\x1b" not in listed.stdout
    rows = listed.stdout.splitlines()
    assert [row.split()[-1] for row in rows[:2]] == ["three", "two"]
    content = json.loads(command(home, project, "sessions", "list", "--json").stdout)
    assert [each["turns"] for each in content] == [1, 1, 1]
    newest = content[0]["id"]
    assert "Answer to three." in command(home, project, "sessions", "show", newest).stdout
    output = project / "out.json"
    export = ("sessions", "export", newest, "--json", "-o", str(output))
    assert command(home, project, *export).returncode == 0
    assert json.loads(output.read_text())["id"] == newest
    assert command(home, project, *export).returncode == 1
    assert command(home, project, "sessions", "delete", newest).returncode == 0
    assert command(home, project, "sessions", "delete", newest).returncode == 2
    assert command(home, project, "sessions", "prune").returncode == 2
    unsure = command(home, project, "sessions", "prune", "--keep", "1")
    assert unsure.returncode == 1
    assert "--yes" in unsure.stderr
    assert len(files(home)) == 2
    assert command(home, project, "sessions", "prune", "--keep", "1", "--yes").returncode == 0
    assert len(files(home)) == 1
    assert command(
        home, project, "sessions", "prune", "--older-than", "1", "--all", "--yes"
    ).returncode == 0  # fmt: skip
    assert len(files(home)) == 1
