"""``doctor``: each check in each of its states, the lines, the exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model, reply
from tests.unit.agent.conftest import make_launch
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.load import load_config
from vtcode_tui.errors import ConfigError
from vtcode_tui.headless.doctor_command import run_doctor, run_doctor_without_settings
from vtcode_tui.headless.streams import Streams

GB = 1_000_000_000
QUIET = '[sandbox]\nmode = "off"\n'
CANARY = "canary-6f2e"


@dataclass
class Report:
    exit_code: int
    text: str
    findings: Mapping[str, Mapping[str, Any]]

    def health(self, what: str) -> str:
        return str(self.findings[what]["health"])


def doctor(launch: Launch) -> Report:
    reports = []
    for as_json in (False, True):
        streams = Streams(io.StringIO(), io.StringIO())
        code = run_doctor(launch, streams, as_json=as_json)
        assert isinstance(streams.stdout, io.StringIO)
        reports.append((code, streams.stdout.getvalue()))
    (code, text), (json_code, json_text) = reports
    parsed = json.loads(json_text)
    assert code == json_code
    assert parsed["ok"] is (code == 0)
    return Report(code, text, {each["what"]: each for each in parsed["findings"]})


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path


def launch_for(server_url: str, workspace: Path, toml: str = QUIET, **changes: Any) -> Launch:
    launch = make_launch(workspace, server_url, toml)
    return replace(launch, memory_bytes=16 * GB, **changes)


def with_model(name: str) -> str:
    return f'{QUIET}[agent]\ndefault_model = "{name}"\n'


def test_a_sound_set_up_has_no_fail(server: FakeOllama, workspace: Path) -> None:
    report = doctor(launch_for(server.url, workspace, with_model("qwen3:1.7b")))
    assert report.exit_code == 0
    assert "fail " not in report.text
    for what in (
        "configuration", "trust", "address", "key", "memory", "disk", "server", "models",
        "sign-in", "model", "ripgrep", "sandbox", "workspace", "sessions", "terminal",
    ):  # fmt: skip
        assert what in report.findings
    assert "from the option --base-url" in report.text
    assert "Ollama 0.33.0 answers" in report.text
    assert "qwen3:1.7b · thinking, tools · needs about 1.6 GB of 16 GB · fits" in report.text
    assert "qwen3:1.7b, a window of 32k (the model's limit, at most 32,768), tools: native" in (
        report.text
    )
    assert "agent.default_model = qwen3:1.7b" in report.text
    assert "line 4" in report.text


def test_no_server_is_a_fail_with_the_command_that_starts_one(workspace: Path) -> None:
    report = doctor(launch_for("http://127.0.0.1:9", workspace))
    assert report.exit_code == 1
    assert report.health("server") == "fail"
    assert "→ Start it with: ollama serve" in report.text
    assert "Connection refused" in report.text
    assert "models" not in report.findings
    assert report.health("ripgrep") == "ok"


def test_something_else_at_the_address_is_a_fail(server: FakeOllama, workspace: Path) -> None:
    html = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<html"
    server.answers["/api/version"] = reply(raw=html)
    report = doctor(launch_for(server.url, workspace))
    assert report.health("server") == "fail"
    assert "not an Ollama server" in report.text


def test_without_models_it_says_how_to_get_one(server: FakeOllama, workspace: Path) -> None:
    server.models.clear()
    report = doctor(launch_for(server.url, workspace))
    assert (report.exit_code, report.health("models")) == (1, "fail")
    assert "→ Get one: vtcode-tui models pull qwen3:1.7b" in report.text


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("gpt-oss-20b", "vtcode-tui models pull gpt-oss:20b"),
        ("qwen3-1.7b", "vtcode-tui --model qwen3:1.7b"),
        ("nobody/has:this", "vtcode-tui models pull nobody/has:this"),
    ],
)
def test_a_model_that_is_not_there_is_a_fail_with_what_mends_it(
    server: FakeOllama, workspace: Path, name: str, advice: str
) -> None:
    report = doctor(launch_for(server.url, workspace, with_model(name)))
    assert (report.exit_code, report.health("model")) == (1, "fail")
    assert report.findings["model"]["advice"] == advice


def test_a_model_that_is_too_large_is_a_warning(server: FakeOllama, workspace: Path) -> None:
    report = doctor(launch_for(server.url, workspace, with_model("qwen3-coder:30b")))
    assert (report.exit_code, report.health("model")) == (0, "warn")
    assert "too large" in report.findings["model"]["text"]


def test_a_model_without_tools_is_told_of(server: FakeOllama, workspace: Path) -> None:
    report = doctor(launch_for(server.url, workspace, with_model("llama3:8b")))
    assert "tools: text" in report.findings["model"]["text"]


@pytest.mark.parametrize(
    ("answer", "health", "words"),
    [
        (reply(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"name":"ann"}'), "ok", "ann"),
        (
            reply(
                status=401,
                error="unauthorized",
                error_fields={"signin_url": "https://ollama.com/connect?name=x&key=y"},
            ),
            "warn",
            "not signed in",
        ),
        (None, "ok", "does not tell"),
    ],
)
def test_the_sign_in_matters_where_a_cloud_model_is_in_play(
    server: FakeOllama, workspace: Path, answer: Any, health: str, words: str
) -> None:
    report = doctor(launch_for(server.url, workspace))
    assert "not needed" in report.findings["sign-in"]["text"]
    assert all(request.path != "/api/me" for request in server.requests)
    server.models.append(installed_model("glm-4.6:cloud", remote_host="https://ollama.com:443"))
    if answer is not None:
        server.answers["/api/me"] = answer
    report = doctor(launch_for(server.url, workspace))
    assert report.health("sign-in") == health
    assert words in report.findings["sign-in"]["text"]
    if health == "warn":
        assert "https://ollama.com/connect?name=x&key=y" in report.findings["sign-in"]["advice"]


def test_a_wrong_key_in_a_file_is_a_warning_with_its_line(
    server: FakeOllama, workspace: Path
) -> None:
    report = doctor(launch_for(server.url, workspace, f"{QUIET}[agent]\nmodle = 1\n"))
    assert (report.exit_code, report.health("configuration")) == (0, "warn")
    assert any("modle" in line for line in report.findings["configuration"]["lines"])


def test_no_secret_is_ever_shown(server: FakeOllama, workspace: Path) -> None:
    toml = f'{QUIET}[providers.ollama]\napi_key = "{CANARY}"\n'
    report = doctor(launch_for(server.url, workspace, toml))
    assert CANARY not in report.text
    assert CANARY not in json.dumps(dict(report.findings))
    assert "providers.ollama.api_key = set" in report.text


def test_a_project_that_waits_for_trust_is_a_warning(server: FakeOllama, workspace: Path) -> None:
    (workspace / "vtcode.toml").write_text('[providers.ollama]\nbase_url = "http://x.example"\n')
    launch = launch_for(server.url, workspace)
    assert launch.loaded.pending_trust is not None
    report = doctor(launch)
    assert report.health("trust") == "warn"
    assert "vtcode-tui trust" in report.findings["trust"]["advice"]
    assert report.health("server") == "ok"


def test_settings_that_cannot_be_read_are_a_fail_too(workspace: Path) -> None:
    (workspace / "vtcode.toml").write_text("[agent\n")
    with pytest.raises(ConfigError) as caught:
        load_config(cli={}, environ={}, workspace=workspace, user_config_dir=workspace)
    streams = Streams(io.StringIO(), io.StringIO())
    assert run_doctor_without_settings(caught.value, streams) == 1
    assert isinstance(streams.stdout, io.StringIO)
    assert streams.stdout.getvalue().startswith("fail  configuration")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"TERM": "dumb"}, "TERM=xterm-256color"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, ""),
    ],
)
def test_the_terminal_is_judged(
    server: FakeOllama, workspace: Path, environ: dict[str, str], words: str
) -> None:
    launch = launch_for(server.url, workspace)
    launch = replace(launch, environ={**launch.environ, **environ})
    report = doctor(launch)
    assert words in report.findings["terminal"]["advice"]
    assert report.health("terminal") == ("warn" if words else "ok")


def test_a_server_of_hostile_words_is_cleaned(server: FakeOllama, workspace: Path) -> None:
    server.version = "0\x1b[2J\u202e[/b]"
    server.models[:] = [installed_model("evil\x1b]52;c;aGk=\x07:1b")]
    report = doctor(launch_for(server.url, workspace))
    assert report.text.replace("\n", "").isprintable()
