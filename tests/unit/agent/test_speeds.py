"""How fast models are here: measured from counters, kept by digest, and shown with the fit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model, reply
from tests.unit.agent.conftest import MODEL, MakeBench, make_launch
from vtcode_tui.agent.model_facts import catalogue_fit, facts_of
from vtcode_tui.agent.speeds import Speeds, measured
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.speed_store import STORE_NAME, Speed, SpeedStore
from vtcode_tui.conversation.events import Usage
from vtcode_tui.ollama.catalogue import CATALOGUE
from vtcode_tui.ollama.fit import Fit

DIGEST = hashlib.sha256(MODEL.encode()).hexdigest()
GB = 1_000_000_000


def usage(tokens: int = 100, seconds: float = 2.0, load_s: float | None = None) -> Usage:
    return Usage(prompt_tokens=10, output_tokens=tokens, output_s=seconds, load_s=load_s)


def test_a_speed_follows_what_is_measured_and_short_replies_measure_nothing() -> None:
    first = measured(Speed(), usage())
    assert first == Speed(50.0, None)
    assert measured(first, usage(tokens=3, seconds=1)) == first
    assert measured(first, usage(seconds=10)).tokens_per_s == pytest.approx(34)


def test_only_a_cold_load_is_a_load() -> None:
    cold = measured(Speed(), usage(load_s=4.0))
    assert cold.load_s == 4.0
    assert measured(cold, usage(load_s=0.02)).load_s == 4.0


@pytest.mark.anyio
async def test_a_turn_leaves_the_models_speed_on_the_disk(make_bench: MakeBench) -> None:
    bench = await make_bench()
    await bench.workbench.models()
    bench.server.script(reply("word " * 40, pace_s=0.001))
    await bench.turn()
    await bench.workbench.speeds.close()
    state_dir = bench.workbench.launch.state_dir
    (speed,) = SpeedStore(state_dir).read().values()
    assert speed.tokens_per_s == pytest.approx(200, rel=0.5)
    assert (state_dir / STORE_NAME).stat().st_mode & 0o777 == 0o600
    again = Speeds(state_dir)
    assert await again.load() == {DIGEST: speed}


@pytest.mark.anyio
@pytest.mark.parametrize("is_gone", [False, True])
async def test_a_door_that_never_listed_the_models_asks_for_the_digest_last(
    make_bench: MakeBench, is_gone: bool
) -> None:
    bench = await make_bench()
    bench.server.script(reply("word " * 40, pace_s=0.001))
    await bench.turn()
    assert "/api/tags" not in [request.path for request in bench.server.requests]
    if is_gone:
        bench.server.stop()
    await bench.workbench.close()
    stored = SpeedStore(bench.workbench.launch.state_dir).read()
    assert list(stored) == ([] if is_gone else [DIGEST])


@pytest.mark.anyio
async def test_a_short_reply_has_nothing_asked_for(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(reply("ok"))
    await bench.turn()
    await bench.workbench.close()
    assert "/api/tags" not in [request.path for request in bench.server.requests]


@pytest.mark.anyio
@pytest.mark.parametrize("content", ["", "[]", '{"models": 5}', '{"models": {"a": 1}}', "\x00"])
async def test_a_damaged_store_costs_no_turn(tmp_path: Path, content: str) -> None:
    (tmp_path / STORE_NAME).write_text(content)
    speeds = Speeds(tmp_path)
    speeds.note("abc", usage())
    await speeds.close()
    assert (await speeds.load())["abc"].tokens_per_s == 50.0


def test_what_else_is_in_the_store_stays(tmp_path: Path) -> None:
    path = tmp_path / STORE_NAME
    path.write_text(json.dumps({"other": 1, "models": {"a": {"tokens_per_s": True}}}))
    store = SpeedStore(tmp_path)
    store.put("b", Speed(5.0, 1.0))
    assert json.loads(path.read_text())["other"] == 1
    assert store.read() == {"a": Speed(None, None), "b": Speed(5.0, 1.0)}


@pytest.fixture
async def bench_with_memory(server: FakeOllama, tmp_path: Path, anyio_backend: str) -> Workbench:
    workspace = tmp_path / "project"
    workspace.mkdir()
    launch = replace(make_launch(workspace, server.url), memory_bytes=8 * GB)
    bench = Workbench(launch)
    await bench.connect()
    return bench


@pytest.mark.anyio
async def test_each_model_is_told_what_it_needs_and_whether_it_fits(
    server: FakeOllama, bench_with_memory: Workbench
) -> None:
    info = {
        "general.architecture": "qwen3",
        "qwen3.context_length": 40_960,
        "qwen3.block_count": 28,
        "qwen3.attention.head_count_kv": 8,
        "qwen3.attention.key_length": 128,
    }
    server.details[MODEL] = {"model_info": info}
    server.models.append(installed_model("glm:cloud", remote_host="https://ollama.com"))
    models = await bench_with_memory.models()
    facts = {each.model.name: each for each in await facts_of(bench_with_memory, models)}
    known = facts[MODEL]
    assert known.fit is Fit.TIGHT
    assert known.need_bytes == 1_359_293_444 + 2 * 8 * 28 * 128 * 2 * 32_768
    assert known.need_words == "needs 5.1 GB of 8.0 GB with a window of 32k"
    assert facts["llama3:8b"].need_words == "needs about 5.6 GB of 8.0 GB"
    assert facts["qwen3-coder:30b"].fit is Fit.TOO_LARGE
    assert (facts["glm:cloud"].fit, facts["glm:cloud"].need_words) == (None, "")
    await bench_with_memory.close()


@pytest.mark.anyio
async def test_without_asking_the_list_is_there_after_one_call(
    server: FakeOllama, bench_with_memory: Workbench
) -> None:
    models = await bench_with_memory.models()
    facts = await facts_of(bench_with_memory, models, asks=False)
    assert [each.fit for each in facts] == [Fit.TIGHT, Fit.TOO_LARGE, Fit.FITS, Fit.FITS]
    assert all(request.path != "/api/show" for request in server.requests)
    await bench_with_memory.close()


@pytest.mark.parametrize(
    ("name", "memory_gb", "fit"),
    [
        ("gpt-oss:20b", 16, Fit.TOO_LARGE),
        ("gpt-oss:20b", 24, Fit.TIGHT),
        ("codellama:7b", 16, Fit.FITS),
        ("qwen3-coder:30b", 32, Fit.TIGHT),
        ("glm-4.6:cloud", 16, None),
    ],
)
def test_a_model_that_is_not_installed_is_judged_by_its_size(
    name: str, memory_gb: int, fit: Fit | None
) -> None:
    entry = next(entry for entry in CATALOGUE if entry.name == name)
    assert catalogue_fit(entry, memory_gb * GB)[0] is fit
