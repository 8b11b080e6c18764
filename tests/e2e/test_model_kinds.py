"""The app with models that want another way of asking: tools as text, levels of thinking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, installed_model, reply


@contextmanager
def app(server: FakeOllama, home: Path, project: Path, model: str) -> Iterator[Terminal]:
    command = [COMMAND, "--base-url", server.url, "--model", model]
    environment = quiet_environment(home)
    with Terminal(command, cwd=project, environment=environment) as terminal:
        terminal.wait_for(f"ready · {model}")
        yield terminal


def test_the_status_line_says_that_tools_go_as_text(
    server: FakeOllama, home: Path, project: Path
) -> None:
    (project / "a.txt").write_text("the content\n")
    call = '<tool_call>\n{"name": "read_file", "arguments": {"file_path": "a.txt"}}\n</tool_call>'
    server.script(reply(f"I look.\n{call}"), reply("It has content."))
    with app(server, home, project, "llama3:8b") as terminal:
        terminal.wait_for("tools: text")
        terminal.press("Read a.txt")
        terminal.press("enter")
        screen = terminal.wait_for("It has content.")
        assert "recovered" in screen
        assert "file_path taken for path" in screen
        assert "<tool_call>" not in screen


@pytest.mark.parametrize(
    ("model", "offered", "not_offered"),
    [
        ("gpt-oss:20b", ("low", "medium", "high", "max"), ("none",)),
        ("qwen3:1.7b", ("none", "medium"), ("low", "high", "max")),
    ],
)
def test_only_the_efforts_that_a_model_takes_are_offered(
    server: FakeOllama,
    home: Path,
    project: Path,
    model: str,
    offered: tuple[str, ...],
    not_offered: tuple[str, ...],
) -> None:
    server.models.append(installed_model("gpt-oss:20b", "tools", "thinking", family="gptoss"))
    with app(server, home, project, model) as terminal:
        terminal.press("/effort")
        terminal.press("enter")
        terminal.wait_for(f"Effort for {model}")
        screen = terminal.wait_for("↑ ↓ then enter")
        sheet = screen[screen.index("Effort for") :]
        words = sheet.split()
        assert all(effort in words for effort in offered), sheet
        assert not any(effort in words for effort in not_offered), sheet
