"""``models`` and ``doctor`` as a user runs them: the installed command, its streams, its exit code."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama


def run(url: str, home: Path, project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_process([COMMAND, "--base-url", url, *words], project, quiet_environment(home))


def test_models_are_listed_shown_and_pulled(server: FakeOllama, home: Path, project: Path) -> None:
    listed = run(server.url, home, project, "models", "list", "--json")
    assert listed.returncode == 0
    assert json.loads(listed.stdout)[0]["name"] == "llama3:8b"
    missing = run(server.url, home, project, "models", "show", "qwen3-1.7b")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "Did you mean qwen3:1.7b?" in missing.stderr
    pulled = run(server.url, home, project, "models", "pull", "qwen3:0.6b")
    assert (pulled.returncode, pulled.stdout) == (0, "qwen3:0.6b\n")
    assert "free on the disk" in pulled.stderr


def test_a_pull_in_a_terminal_paints_its_progress_and_ctrl_c_stops_it(
    server: FakeOllama, home: Path, project: Path
) -> None:
    total = 14_000_000_000
    layer = {"status": "pulling ab", "digest": "sha256:ab", "total": total, "completed": total // 2}
    server.pull_lines = [layer, {**layer, "completed": total // 2 + 1}] * 2_000
    server.pull_pace_s = 0.05
    command = [COMMAND, "--base-url", server.url, "models", "pull", "gpt-oss:20b"]
    with Terminal(command, cwd=project, environment=quiet_environment(home)) as terminal:
        terminal.wait_for("7.0 of 14 GB · 50 %")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 130
        assert "it goes on there: vtcode-tui models pull gpt-oss:20b" in terminal.text()
        assert "Traceback" not in terminal.text()
    server.wait_for_close()


@pytest.mark.parametrize(
    ("toml", "words", "code"),
    [
        ("", ("--model", "qwen3:1.7b"), 0),
        ("", ("--model", "nobody/has:this"), 1),
        ("[agent\n", (), 1),
    ],
)
def test_the_doctors_exit_code_tells_whether_something_failed(
    server: FakeOllama, home: Path, project: Path, toml: str, words: tuple[str, ...], code: int
) -> None:
    config = home / ".config" / "vtcode-tui"
    config.mkdir(parents=True)
    (config / "vtcode.toml").write_text(toml)
    report = run(server.url, home, project, *words, "doctor")
    assert report.returncode == code, report.stdout
    assert ("fail " in report.stdout) is bool(code)
    parsed = json.loads(run(server.url, home, project, *words, "doctor", "--json").stdout)
    assert parsed["ok"] is not bool(code)
