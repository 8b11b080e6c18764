"""``ask`` in this process: its question, its configuration, and what it writes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.ollama_server import FakeOllama
from tests.unit.agent.conftest import make_launch
from vtcode_tui.errors import VtcodeError
from vtcode_tui.headless.ask_command import read_question, run_ask
from vtcode_tui.headless.output import OutputFormat
from vtcode_tui.headless.streams import Streams

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Fetch the latest forecast",
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string"}},
            "required": ["location"],
        },
    },
}
TIME: dict[str, Any] = {"type": "function", "function": {"name": "get_time"}}
SEATTLE = {"location": "Seattle"}


@dataclass
class Asked:
    """``is_done`` is None where it raised ``error``."""

    stdout: str
    stderr: str
    is_done: bool | None
    error: VtcodeError | None = None

    @property
    def answer(self) -> dict[str, Any]:
        """The one object on stdout."""
        parsed: dict[str, Any] = json.loads(self.stdout)
        return parsed

    @property
    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = self.answer["message"]
        return message

    @property
    def calls(self) -> list[tuple[str, Any]]:
        """``(name, arguments)`` of each call in the message."""
        functions = [call["function"] for call in self.message.get("tool_calls", [])]
        return [(function["name"], function["arguments"]) for function in functions]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass
class Asker:
    server: FakeOllama
    workspace: Path
    toml: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __call__(
        self, question: str | Mapping[str, Any], output_format: OutputFormat | None = None
    ) -> Asked:
        """Ask, and take note of what was sent that the server did not refuse."""
        text = question if isinstance(question, str) else json.dumps(question)
        stdout, stderr = io.StringIO(), io.StringIO()
        launch = make_launch(self.workspace, self.server.url, self.toml)
        streams = Streams(stdout, stderr, colour=False)
        before = len(self.server.chats)
        is_done, error = None, None
        try:
            asked = read_question((text,), io.StringIO(), stdin_is_piped=False)
            is_done = run_ask(launch, asked, streams, output_format=output_format)
        except VtcodeError as caught:
            error = caught
        bodies = [request.body for request in self.server.chats[before:]]
        self.sent = [body for body in bodies if body is not None]
        return Asked(stdout.getvalue(), stderr.getvalue(), is_done, error)
