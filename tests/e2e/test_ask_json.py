"""``ask`` with a JSON request, as a process: the weather request in every way it can be given."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.running import run_process
from tests.e2e.terminal import quiet_environment
from tests.fakes.ollama_server import FakeOllama, reply

WEATHER = """\
{
  "model": "llama3:8b",
  "messages": [
    {"role": "user", "content": "What's the weather in Seattle?"}
  ],
  "tools": [
    {
      "type": "function",
      "function": {
        "name": "get_weather",
        "description": "Fetch the latest forecast",
        "parameters": {
          "type": "object",
          "properties": {"location": {"type": "string"}},
          "required": ["location"]
        }
      }
    }
  ],
  "tool_choice": "required"
}
"""
CALL = {"name": "get_weather", "arguments": {"location": "Seattle"}}


class Place:
    """The command in a project directory with a home of its own."""

    def __init__(self, server: FakeOllama, home: Path, project: Path) -> None:
        self.server, self.project = server, project
        self.environment = quiet_environment(home)
        self.command = [COMMAND, "--base-url", server.url]

    def run(self, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return run_process([*self.command, *words], self.project, self.environment, stdin=stdin)


@pytest.fixture
def place(server: FakeOllama, home: Path, project: Path) -> Place:
    return Place(server, home, project)


@pytest.mark.parametrize(
    ("words", "stdin"),
    [
        ((WEATHER,), None),
        (("@weather.json",), None),
        ((), WEATHER),
        (("-",), WEATHER),
    ],
    ids=["argument", "file", "pipe", "dash"],
)
@pytest.mark.parametrize("needs_second_try", [False, True])
def test_the_weather_request_ends_in_a_call(
    place: Place, words: Sequence[str], stdin: str | None, needs_second_try: bool
) -> None:
    (place.project / "weather.json").write_text(WEATHER)
    if needs_second_try:
        place.server.script(reply("It rains, I guess."), reply(json.dumps(CALL)))
    else:
        place.server.script(reply(f"<tool_call>\n{json.dumps(CALL)}\n</tool_call>"))
    done = place.run("ask", *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    (call,) = answer["message"]["tool_calls"]
    assert {key: call["function"][key] for key in CALL} == CALL
    assert answer["done"] is True
    assert answer["eval_count"] > 0
    assert len(place.server.chats) == 1 + needs_second_try


def body_of(place: Place) -> dict[str, Any]:
    body = place.server.chats[-1].body
    assert body is not None
    return body


def test_the_option_model_stands_above_the_requests_own(place: Place) -> None:
    place.server.script(reply(calls=[("get_weather", {"location": "Seattle"})]))
    done = place.run("--model", "qwen3:1.7b", "ask", WEATHER)
    assert done.returncode == 0, done.stderr
    assert body_of(place)["model"] == "qwen3:1.7b"
    assert body_of(place)["tools"][0]["function"]["name"] == "get_weather"


def test_each_output_format_can_be_asked_for(place: Place) -> None:
    request = json.dumps({"model": "qwen3:1.7b", "messages": [{"role": "user", "content": "Hi"}]})
    place.server.default_reply = reply("Hello you.")
    assert place.run("ask", "--output-format", "text", request).stdout == "Hello you.\n"
    whole = json.loads(place.run("ask", request, "--output-format", "json").stdout)
    assert whole["message"]["content"] == "Hello you."
    lines = place.run("ask", "--output-format", "stream-json", request).stdout.splitlines()
    assert len(lines) > 1
    assert json.loads(lines[-1])["done"] is True


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (('{"messages": [{"role": "robot"}]}',), 2, "messages[0].role"),
        (('{"messages": []}',), 2, "messages"),
        (('{"messages": [',), 2, "not valid JSON"),
        ((WEATHER.replace('"required"\n', '"sometimes"\n'),), 2, "tool_choice"),
        (("@nothing.json",), 2, "nothing.json"),
        (("--output-format", "xml", "x"), 2, "There are: text, json, stream-json."),
        ((WEATHER,), 1, "did not call any tool, as tool_choice wants it"),
        ((WEATHER.replace("llama3:8b", "nobody:1b"),), 1, "ollama pull nobody:1b"),
    ],
)
def test_each_failure_has_its_exit_code_and_names_what_is_wrong(
    place: Place, words: Sequence[str], status: int, said: str
) -> None:
    done = place.run("ask", *words)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
