"""The command exec in tests: how it is run, and what is read of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import quiet_environment
from tests.fakes.ollama_server import FakeOllama

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MODEL = ("--model", "qwen3:1.7b")
WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})
READ = ("read_file", {"path": "a.txt"})


def exec_runner(server: FakeOllama, home: Path, project: Path) -> Run:
    """Runs the program in a project with the file that READ reads."""
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
