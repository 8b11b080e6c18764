"""``exec`` as a process: what it prints, what it lets run, and each of its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.executing import READ, WRITE, Run, exec_runner, messages_of
from tests.fakes.ollama_server import FakeOllama, reply


@pytest.fixture
def run(server: FakeOllama, home: Path, project: Path) -> Run:
    return exec_runner(server, home, project)


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
