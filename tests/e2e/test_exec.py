"""``exec`` as a process: what it prints, what it lets run, and each of its exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import quiet_environment
from tests.fakes.ollama_server import FakeOllama, reply

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MODEL = ("--model", "qwen3:1.7b")
WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})
READ = ("read_file", {"path": "a.txt"})


@pytest.fixture
def run(server: FakeOllama, home: Path, project: Path) -> Run:
    (project / "a.txt").write_text("the content\n")

    def run_command(
        *words: str,
        stdin: str | None = None,
        options: tuple[str, ...] = MODEL,
        base_url: str = server.url,
    ) -> subprocess.CompletedProcess[str]:
        return run_process(
            [COMMAND, "--base-url", base_url, *options, *words],
            project,
            quiet_environment(home),
            stdin=stdin,
        )

    return run_command


def messages_of(server: FakeOllama, request: int = -1) -> list[dict[str, Any]]:
    body = server.chats[request].body
    assert body is not None
    messages: list[dict[str, Any]] = body["messages"]
    return messages


def configure(home: Path, text: str) -> None:
    path = home / ".config/vtcode-tui/vtcode.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def events_of(stdout: str) -> list[dict[str, Any]]:
    assert stdout.isascii()
    return [json.loads(line) for line in stdout.splitlines()]


# --- what is printed ------------------------------------------------------------------------------


def test_0_the_final_answer_is_on_stdout_and_progress_on_stderr(
    run: Run, server: FakeOllama
) -> None:
    server.script(reply("I look first.", calls=[READ]), reply("It says: the content."))
    done = run("exec", "What does a.txt say?")
    assert (done.returncode, done.stdout) == (0, "It says: the content.\n")
    assert "read_file a.txt · " in done.stderr
    assert "session " in done.stderr
    assert "I look first." not in done.stdout
    assert messages_of(server)[-1]["content"].count("the content") == 1


def test_the_prompt_comes_from_argument_stdin_or_both(run: Run, server: FakeOllama) -> None:
    for words, stdin, prompt in [
        (("one", "two"), None, "one two"),
        (("-",), "from stdin\n", "from stdin"),
        ((), "piped\n", "piped"),
        (("review",), "the diff\n", "review\n\nthe diff"),
    ]:
        assert run("exec", *words, stdin=stdin).returncode == 0
        assert messages_of(server)[-1]["content"] == prompt


def test_json_prints_every_event_on_a_line_of_its_own(run: Run, server: FakeOllama) -> None:
    server.script(
        reply(thinking="Hm \x1b[2J.", calls=[READ]), reply("Dé\u2028one.", prompt_tokens=50)
    )
    done = run("exec", "--json", "go")
    assert done.returncode == 0, done.stderr
    events = events_of(done.stdout)
    first, last = events[0], events[-1]
    assert (first["type"], first["schema"], first["model"]) == ("session", 1, "qwen3:1.7b")
    assert (last["type"], last["exit_code"], last["answer"]) == ("result", 0, "Dé\u2028one.")
    assert last["session"] == first["session"]
    kinds = [event["type"] for event in events]
    for kind in (
        "turn_started",
        "step_started",
        "reasoning_delta",
        "text_delta",
        "step_finished",
        "tool_call_requested",
        "tool_call_started",
        "tool_call_finished",
        "usage_updated",
        "turn_finished",
    ):
        assert kind in kinds
    finished = next(event for event in events if event["type"] == "tool_call_finished")
    assert "the content" in finished["result"]["content"]
    assert "\x1b" not in done.stdout


# --- what runs ------------------------------------------------------------------------------------


def test_3_what_would_be_asked_is_refused_and_the_model_told(
    run: Run, server: FakeOllama, project: Path
) -> None:
    server.script(reply(calls=[WRITE, READ]), reply("I could not."))
    done = run("exec", "write it")
    assert (done.returncode, done.stdout) == (3, "I could not.\n")
    assert not (project / "new.txt").exists()
    assert "--approve write_file" in done.stderr
    refused, read = messages_of(server)[-2:]
    assert "nobody is there to give it" in refused["content"]
    assert "the content" in read["content"]


@pytest.mark.parametrize(
    "options",
    [("--approve", "edit_file,write_file"), ("--approve-all",), ("--approve", "write_file")],
)
def test_an_approval_beforehand_lets_it_run(
    run: Run, server: FakeOllama, project: Path, options: tuple[str, ...]
) -> None:
    server.script(reply(calls=[WRITE]), reply("Written."))
    done = run("exec", *options, "write it")
    assert (done.returncode, done.stdout) == (0, "Written.\n"), done.stderr
    assert (project / "new.txt").read_text() == "hello\n"


def test_the_approval_of_one_tool_is_none_of_another(
    run: Run, server: FakeOllama, project: Path
) -> None:
    command = ("run_terminal_cmd", {"command": "touch made; true"})
    server.script(reply(calls=[WRITE, command]), reply("Half."))
    assert run("exec", "--approve", "write_file", "go").returncode == 3
    assert (project / "new.txt").exists()
    assert not (project / "made").exists()


def test_allowed_runs_and_denied_is_refused_whatever_is_approved(
    run: Run, server: FakeOllama, home: Path, project: Path
) -> None:
    configure(home, '[tools.policies]\nwrite_file = "allow"\nrun_terminal_cmd = "deny"\n')
    command = ("run_terminal_cmd", {"command": "touch made"})
    server.script(reply(calls=[WRITE, command]), reply("So far."))
    assert run("exec", "--approve-all", "go").returncode == 3
    assert (project / "new.txt").exists()
    assert not (project / "made").exists()
    body = server.chats[0].body
    assert body is not None
    names = [tool["function"]["name"] for tool in body["tools"]]
    assert "write_file" in names
    assert "run_terminal_cmd" not in names


# --- how it ends ----------------------------------------------------------------------------------


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


# --- sessions -------------------------------------------------------------------------------------


def test_it_goes_on_with_a_session_by_id_and_with_the_last_one(
    run: Run, server: FakeOllama
) -> None:
    server.script(reply(calls=[READ]), reply("First."))
    first = events_of(run("exec", "--json", "one").stdout)[0]["session"]
    assert run("exec", "other").returncode == 0
    server.script(reply("Third."))
    again = run("exec", "--json", "--resume", first[:6], "two", options=())
    assert again.returncode == 0, again.stderr
    assert events_of(again.stdout)[0]["session"] == first
    roles = [message["role"] for message in messages_of(server)]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert run("exec", "--continue", "three", options=()).returncode == 0
    contents = [m["content"] for m in messages_of(server) if m["role"] == "user"]
    assert contents == ["one", "two", "three"]
    body = server.chats[-1].body
    assert body is not None
    assert body["model"] == "qwen3:1.7b"


def test_the_model_of_the_command_line_stands_above_the_sessions(
    run: Run, server: FakeOllama
) -> None:
    assert run("exec", "one").returncode == 0
    assert run("exec", "--continue", "two", options=("--model", "llama3:8b")).returncode == 0
    models = [request.body["model"] for request in server.chats if request.body]
    assert models == ["qwen3:1.7b", "llama3:8b"]
    assert run("exec", "--continue", "three", options=()).returncode == 0
    body = server.chats[-1].body
    assert body is not None
    assert body["model"] == "llama3:8b"
