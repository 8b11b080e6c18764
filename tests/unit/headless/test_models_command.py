"""``models list | show | pull``: what they print, for people and for programs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model
from tests.unit.agent.conftest import make_launch
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ModelNotFound, ServerError, StreamBroken
from vtcode_tui.headless.models_command import ModelsOptions, run_models
from vtcode_tui.headless.streams import Streams

GB = 1_000_000_000


@pytest.fixture
def launch(server: FakeOllama, tmp_path: Path) -> Launch:
    workspace = tmp_path / "project"
    workspace.mkdir()
    return replace(make_launch(workspace, server.url), memory_bytes=16 * GB)


@pytest.fixture
def run(launch: Launch) -> Callable[[ModelsOptions], tuple[str, str]]:
    def run_one(options: ModelsOptions) -> tuple[str, str]:
        streams = Streams(io.StringIO(), io.StringIO())
        try:
            assert run_models(launch, options, streams) == 0
        finally:
            assert isinstance(streams.stdout, io.StringIO)
            assert isinstance(streams.stderr, io.StringIO)
        return streams.stdout.getvalue(), streams.stderr.getvalue()

    return run_one


Run = Callable[[ModelsOptions], tuple[str, str]]


def test_the_list_has_a_line_for_each_with_what_matters(run: Run) -> None:
    stdout, _ = run(ModelsOptions("list"))
    lines = stdout.splitlines()
    assert len(lines) == 4
    assert lines[1].split() == [
        "qwen3-coder:30b", "19", "GB", "Q4_K_M", "256k", "tools", "too", "large",
    ]  # fmt: skip
    assert len({line.index("Q4") for line in lines}) == 1


def test_the_list_for_programs_has_every_fact(run: Run) -> None:
    stdout, _ = run(ModelsOptions("list", as_json=True))
    model = json.loads(stdout)[2]
    assert model["name"] == "qwen3:1.7b"
    assert model["capabilities"] == ["completion", "thinking", "tools"]
    assert (model["fit"], model["num_ctx"], model["loaded"]) == ("fits", 32_768, False)
    assert {"size_bytes", "digest", "need_bytes", "tokens_per_s", "load_s"} <= set(model)


def test_an_empty_list_says_how_to_get_a_model(server: FakeOllama, run: Run) -> None:
    server.models.clear()
    stdout, stderr = run(ModelsOptions("list"))
    assert stdout == ""
    assert "vtcode-tui models pull" in stderr
    assert run(ModelsOptions("list", as_json=True))[0] == "[]\n"


def test_hostile_names_are_cleaned_for_people_and_kept_for_programs(
    server: FakeOllama, run: Run
) -> None:
    name = "evil\x1b[2J\u202e:1b"
    server.models[:] = [installed_model(name, quantization="\x07Q")]
    stdout, _ = run(ModelsOptions("list"))
    assert stdout.strip().isprintable()
    assert json.loads(run(ModelsOptions("list", as_json=True))[0])[0]["name"] == name


def test_one_is_shown_with_its_window_and_its_need(server: FakeOllama, run: Run) -> None:
    server.details["qwen3:1.7b"] = {"parameters": "num_ctx   8192\nstop  x"}
    stdout, _ = run(ModelsOptions("show", "qwen3:1.7b"))
    assert "up to 40,960 tokens; 8,192 tokens would be used" in stdout
    assert "thinking tools" in stdout
    assert "num_ctx 8192 stop x" in stdout
    shown = json.loads(run(ModelsOptions("show", "qwen3:1.7b", as_json=True))[0])
    assert (shown["num_ctx"], shown["architecture"]) == (8_192, "qwen3")


def test_a_name_that_is_not_there_gets_the_nearest(run: Run) -> None:
    with pytest.raises(ModelNotFound) as caught:
        run(ModelsOptions("show", "qwen3-1.7b"))
    assert caught.value.suggestion == "qwen3:1.7b"


def test_a_pull_tells_size_and_disk_first_then_each_tenth_and_prints_the_name(
    server: FakeOllama, run: Run
) -> None:
    total = 14 * GB
    server.pull_lines = [
        {"status": "pulling manifest"},
        *(
            {"status": "pulling ab", "digest": "sha256:ab", "total": total, "completed": done}
            for done in range(0, total + 1, total // 1_000)
        ),
        {"status": "success"},
    ]
    stdout, stderr = run(ModelsOptions("pull", "gpt-oss:20b"))
    assert stdout == "gpt-oss:20b\n"
    lines = stderr.splitlines()
    assert "pulling gpt-oss:20b: about 14 GB" in lines[0]
    assert "free on the disk" in lines[0]
    assert len(lines) < 20
    assert any("7.0 of 14 GB · 50 %" in line for line in lines)
    assert "gpt-oss:20b" in [model["name"] for model in server.models]


@pytest.mark.parametrize(
    ("line", "error", "advice"),
    [
        ({"error": "pull model manifest: file does not exist"}, ModelNotFound, "pull gpt-oss:20b"),
        ({"error": "max retries exceeded: unexpected EOF"}, ServerError, "go on where it stopped"),
        ({"error": "digest mismatch, file must be downloaded again"}, ServerError, "damaged"),
        ({"status": "pulling manifest"}, StreamBroken, "goes on where it stopped"),
    ],
)
def test_a_pull_that_fails_says_what_to_do(
    server: FakeOllama, run: Run, line: dict[str, str], error: type[ServerError], advice: str
) -> None:
    server.pull_lines = [line]
    with pytest.raises(error) as caught:
        run(ModelsOptions("pull", "gpt-oss-20b"))
    assert advice in caught.value.advice
