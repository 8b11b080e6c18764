"""How exec ends: its exit codes, by signals, and with streams that are closed."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.executing import MODEL, READ, WRITE, Run, exec_runner, messages_of
from tests.e2e.running import run_process
from tests.e2e.terminal import quiet_environment
from tests.fakes.ollama_server import FakeOllama, reply


@pytest.fixture
def run(server: FakeOllama, home: Path, project: Path) -> Run:
    return exec_runner(server, home, project)


def test_1_a_server_that_fails(run: Run, server: FakeOllama) -> None:
    server.script(reply("one two three", cut_after=2))
    done = run("exec", "go")
    assert done.returncode == 1
    assert done.stdout == "one two \n"
    assert "Traceback" not in done.stderr
    assert run("exec", "go", options=("--model", "nobody:1b")).returncode == 1
    assert run("exec", "go", base_url="http://127.0.0.1:9").returncode == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exec",), "nothing to ask"),
        (("exec", "--no-such-option", "x"), "no option --no-such-option"),
        (("exec", "--max-steps", "0", "x"), "--max-steps"),
        (("exec", "--timeout", "soon", "x"), "--timeout"),
        (("exec", "--approve", "no_such_tool", "x"), "no tool no_such_tool"),
        (("exec", "--resume", "ffffffff", "x"), "no session ffffffff"),
        (("exec", "--continue", "x"), "no session to go on with"),
        (("--continue", "ask", "x"), "do not go with ask"),
    ],
)
def test_2_usage(run: Run, words: tuple[str, ...], said: str) -> None:
    """What was mistyped is said first, also where no server answers."""
    done = run(*words, base_url="http://127.0.0.1:9")
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_2_no_model(run: Run) -> None:
    done = run("exec", "x", options=())
    assert done.returncode == 2
    assert "No model is chosen" in done.stderr


def test_2_a_project_that_is_not_trusted(run: Run, server: FakeOllama, project: Path) -> None:
    (project / "vtcode.toml").write_text('[tools]\ndefault_policy = "allow"\n')
    done = run("exec", "x")
    assert done.returncode == 2
    assert "vtcode-tui trust" in done.stderr
    assert server.requests == []
    server.script(reply(calls=[WRITE]), reply("Done."))
    assert run("exec", "x", options=(*MODEL, "--trust")).returncode == 0


def test_4_the_limit_on_steps(run: Run, server: FakeOllama) -> None:
    reads = [("read_file", {"path": "a.txt", "offset": number}) for number in range(1, 9)]
    server.script(*[reply(f"step {number}", calls=[call]) for number, call in enumerate(reads)])
    done = run("exec", "--max-steps", "3", "go")
    assert done.returncode == 4
    assert len(server.chats) == 3
    assert "limit on steps" in done.stderr


def test_4_the_limit_on_time(run: Run, server: FakeOllama) -> None:
    server.script(reply("first words " + "more " * 2000, pace_s=0.02))
    done = run("exec", "--timeout", "4", "go")
    assert done.returncode == 4
    assert done.stdout.startswith("first words")
    assert "time limit" in done.stderr
    server.wait_for_close(5)


def test_4_the_limit_on_time_before_there_is_an_answer(run: Run, server: FakeOllama) -> None:
    server.script(reply("late", head_hold=threading.Event()))
    assert run("exec", "--timeout", "2", "go").returncode == 4


def test_4_the_models_output_limit(run: Run, server: FakeOllama) -> None:
    server.script(reply("cut of", done_reason="length"))
    done = run("exec", "go")
    assert (done.returncode, done.stdout) == (4, "cut of\n")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_130_an_interrupt_stops_what_runs_and_keeps_what_came(
    server: FakeOllama, home: Path, project: Path, number: int, status: int
) -> None:
    server.script(reply("word " * 3000, pace_s=0.01))
    process = subprocess.Popen(
        [COMMAND, "--base-url", server.url, *MODEL, "exec", "--json", "go"],
        cwd=project,
        env=quiet_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(json.loads(line))
        if seen[-1]["type"] == "text_delta":
            break
    process.send_signal(number)
    rest, errors = process.communicate(timeout=15)
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    seen += map(json.loads, rest.splitlines())
    result = seen[-1]
    assert (result["type"], result["exit_code"]) == ("result", status)
    assert (seen[-2]["type"], seen[-2]["end"]) == ("turn_finished", "cancelled")
    server.wait_for_close(5)
    shown = run_process(
        [COMMAND, "sessions", "show", seen[0]["session"]], project, quiet_environment(home)
    )
    came = "".join(event["text"] for event in seen if event["type"] == "text_delta").strip()
    assert f"\n{came}" in shown.stdout
    assert "cancelled" in shown.stdout


def test_what_it_was_told_to_ignore_does_not_end_it(
    server: FakeOllama, home: Path, project: Path
) -> None:
    """As under nohup."""
    server.script(reply("word " * 20 + "end", pace_s=0.02))
    words = " ".join([COMMAND, "--base-url", server.url, *MODEL, "exec", "go"])
    process = subprocess.Popen(
        ["/bin/bash", "-c", f"trap '' HUP; exec {words}"],
        cwd=project,
        env=quiet_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server.wait_until(lambda: bool(server.chats and server.chats[0].lines_sent), timeout_s=20)
    process.send_signal(signal.SIGHUP)
    answer, errors = process.communicate(timeout=20)
    assert (process.returncode, answer[-4:]) == (0, "end\n"), errors


def test_a_closed_pipe_ends_it_quietly(server: FakeOllama, home: Path, project: Path) -> None:
    server.script(reply("word " * 3000))
    words = " ".join([COMMAND, "--base-url", server.url, *MODEL, "exec", "--json", "x"])
    done = run_process(
        ["/bin/bash", "-c", f"set -o pipefail; {words} | head -n 1"],
        project,
        quiet_environment(home),
    )
    assert json.loads(done.stdout)["type"] == "session"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_lead_nowhere(
    server: FakeOllama, home: Path, project: Path, closed: str
) -> None:
    """No file of the app's own may take their numbers, and no words meant for stderr go to stdout."""
    done = shell(server, home, project, f"exec hello {closed}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "" if ">&- 2" in closed or closed == ">&-" else "Hello from the fake server.\n"
    )
    assert len(server.chats) == 1
    for journal in home.rglob("*.jsonl"):
        assert b"vtcode-tui: session" not in journal.read_bytes()


def test_1_an_answer_that_cannot_be_written(server: FakeOllama, home: Path, project: Path) -> None:
    done = shell(server, home, project, "exec hello >/dev/full")
    assert done.returncode == 1
    assert "Standard output could not be written to." in done.stderr
    assert "Exception" not in done.stderr
    assert "defect" not in done.stderr


def test_progress_that_nobody_can_read_is_no_failure(
    server: FakeOllama, home: Path, project: Path
) -> None:
    done = shell(server, home, project, "exec hello 2>/dev/full")
    assert (done.returncode, done.stdout) == (0, "Hello from the fake server.\n")


def test_a_diff_with_a_line_of_another_encoding_is_read(
    server: FakeOllama, home: Path, project: Path
) -> None:
    done = shell(server, home, project, r"exec review <<< $'+caf\xe9 au lait'")
    assert done.returncode == 0, done.stderr
    assert messages_of(server)[-1]["content"] == "review\n\n+caf\ufffd au lait"


def test_1_a_model_that_says_and_does_nothing(run: Run, server: FakeOllama) -> None:
    server.script(reply(""), reply(""))
    done = run("exec", "go")
    assert (done.returncode, done.stdout) == (1, "")
    server.script(reply(calls=[READ]), reply(""), reply(""))
    assert run("exec", "go").returncode == 0


def shell(
    server: FakeOllama, home: Path, project: Path, words: str
) -> subprocess.CompletedProcess[str]:
    """``words`` of a command line with redirections, in strict UTF-8."""
    command = " ".join([COMMAND, "--base-url", server.url, *MODEL, words])
    return run_process(
        ["/bin/bash", "-c", command],
        project,
        quiet_environment(home, PYTHONIOENCODING="utf-8:strict"),
    )
