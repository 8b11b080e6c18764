"""``ask`` as a process: its streams, its exit codes, its signals."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, reply

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MODEL = ("--provider", "ollama", "--model", "qwen3:1.7b")


@pytest.fixture
def run(server: FakeOllama, home: Path, project: Path) -> Run:
    def run_command(
        *words: str,
        stdin: str | None = None,
        environment: dict[str, str] | None = None,
        base_url: str | None = server.url,
    ) -> subprocess.CompletedProcess[str]:
        options = ("--base-url", base_url) if base_url else ()
        return run_process(
            [COMMAND, *options, *words],
            project,
            quiet_environment(home, **(environment or {})),
            stdin=stdin,
        )

    return run_command


def prompt_of(server: FakeOllama) -> str:
    body = server.chats[-1].body
    assert body is not None
    return str(body["messages"][-1]["content"])


def test_the_answer_goes_to_stdout_and_nothing_else_does(run: Run, server: FakeOllama) -> None:
    server.script(reply("Forty-two.", thinking="I count."))
    done = run(*MODEL, "ask", "How many?")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Forty-two.\n", "")
    assert prompt_of(server) == "How many?"
    body = server.chats[-1].body
    assert body is not None
    assert "tools" not in body


def test_the_guides_own_command_line_works(run: Run, server: FakeOllama) -> None:
    assert run(*MODEL, "ask", "Review this code").returncode == 0


@pytest.mark.parametrize(
    ("words", "stdin", "prompt"),
    [
        (("one", "two"), None, "one two"),
        (("-",), "from stdin\n", "from stdin"),
        ((), "piped\n", "piped"),
        (("review",), "the diff\n", "review\n\nthe diff"),
    ],
)
def test_the_prompt_comes_from_argument_stdin_or_both(
    run: Run, server: FakeOllama, words: Sequence[str], stdin: str | None, prompt: str
) -> None:
    assert run(*MODEL, "ask", *words, stdin=stdin).returncode == 0
    assert prompt_of(server) == prompt


def test_a_pipe_gets_exactly_what_the_model_wrote(run: Run, server: FakeOllama) -> None:
    server.script(reply(tokens=["a\x1b[31mb\n"]))
    assert run(*MODEL, "ask", "x").stdout == "a\x1b[31mb\n"


def test_a_terminal_gets_no_escape_from_the_model_and_the_thinking_beside_it(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply(tokens=["red \x1b]52;c;eA==\x07 end"], thinking="thinking \x1b[2J hard"))
    command = [COMMAND, "--base-url", server.url, *MODEL, "ask", "x"]
    with Terminal(command, cwd=project, environment=quiet_environment(home)) as terminal:
        assert terminal.wait_exit() == 0
        assert "thinking ␛[2J hard" in terminal.text()
        assert "red ␛]52;c;eA==␇ end" in terminal.text()
        assert b"\x1b]52" not in terminal.received
        assert b"\x1b[2J" not in terminal.received


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((*MODEL, "ask"), 2, "nothing to ask"),
        (("ask", "x"), 2, "No model is chosen"),
        (("--model", "nobody:1b", "ask", "x"), 1, "ollama pull nobody:1b"),
        (("--provider", "openai", "ask", "x"), 2, "ollama"),
        (("--effort", "tiny", "ask", "x"), 2, "medium"),
        (("--no-such-option",), 2, "See: vtcode-tui --help"),
        (("-C", "/no/such/directory", "ask", "x"), 2, "no directory to work in"),
    ],
)
def test_each_failure_has_its_exit_code_and_says_what_to_do(
    run: Run, words: Sequence[str], status: int, said: str
) -> None:
    done = run(*words)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_nothing_listening_says_how_to_start_a_server(run: Run) -> None:
    done = run(*MODEL, "ask", "x", base_url="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "ollama serve" in done.stderr
    assert "--base-url" in done.stderr


def test_a_nearby_name_is_suggested_for_a_model_the_server_does_not_have(run: Run) -> None:
    done = run("--model", "gpt-oss-20b", "ask", "x")
    assert done.returncode == 1
    assert "gpt-oss:20b" in done.stderr


def test_a_stream_that_breaks_keeps_what_came_and_fails(run: Run, server: FakeOllama) -> None:
    server.script(reply("one two three", cut_after=2))
    done = run(*MODEL, "ask", "x")
    assert done.returncode == 1
    assert done.stdout == "one two \n"


def test_the_address_and_key_come_from_the_environment(run: Run, server: FakeOllama) -> None:
    server.api_key = "canary-key"
    environment = {"OLLAMA_BASE_URL": f"{server.url}/v1", "OLLAMA_API_KEY": "canary-key"}
    done = run(*MODEL, "ask", "x", base_url=None, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "/v1" in done.stderr
    assert all(r.headers["authorization"] == "Bearer canary-key" for r in server.requests)


def test_a_proxy_in_the_environment_does_not_catch_loopback(run: Run, server: FakeOllama) -> None:
    proxy = "http://127.0.0.1:9"
    environment = {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}
    assert run(*MODEL, "ask", "x", environment=environment).returncode == 0


def test_effort_sets_think_for_a_model_that_thinks(run: Run, server: FakeOllama) -> None:
    for effort, expected in (("high", True), ("none", False)):
        assert run(*MODEL, "--effort", effort, "ask", "x").returncode == 0
        body = server.chats[-1].body
        assert body is not None
        assert body["think"] is expected
    assert run("--model", "llama3:8b", "--effort", "high", "ask", "x").returncode == 0
    body = server.chats[-1].body
    assert body is not None
    assert "think" not in body


def test_a_closed_pipe_ends_quietly(server: FakeOllama, home: Path, project: Path) -> None:
    server.script(reply("word " * 3000))
    words = " ".join([COMMAND, "--base-url", server.url, *MODEL, "ask", "x"])
    done = run_process(
        ["/bin/bash", "-c", f"set -o pipefail; {words} | head -c 10"],
        project,
        quiet_environment(home),
    )
    assert (done.stdout, done.stderr) == ("word word ", "")


def test_an_interrupt_ends_with_130_and_closes_the_connection(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("word " * 3000, pace_s=0.01))
    process = subprocess.Popen(
        [COMMAND, "--base-url", server.url, *MODEL, "ask", "x"],
        cwd=project,
        env=quiet_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    assert process.stdout is not None
    assert process.stdout.read(4) == b"word"
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=10)
    assert process.returncode == 130
    assert stderr == b""
    assert stdout.endswith(b"\n")
    server.wait_for_close(3)


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout.startswith("vtcode-tui 0.")
    usage = run("--help").stdout
    assert "ask" in usage
    assert max(len(line) for line in usage.splitlines()) <= 80
