"""Pulling a model: confirmation, progress, stopping, resuming, errors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.ollama_server import FakeOllama
from tests.screen.scenes import make_app, send, wait_for
from tests.screen.stage import FakeClock, Stage, screen_text, until
from vtcode_tui.agent.pulls import PullOffer
from vtcode_tui.ollama.address import parse_address
from vtcode_tui.ollama.client import OllamaClient
from vtcode_tui.tui.pull_screen import PullScreen

pytestmark = pytest.mark.anyio

NAME = "gpt-oss:20b"
GB = 1_000_000_000
OFFER = PullOffer(NAME, 14 * GB, 80 * GB)


def layer(completed: int, total: int = 14 * GB) -> dict[str, object]:
    return {"status": "pulling ab", "digest": "sha256:ab", "total": total, "completed": completed}


@asynccontextmanager
async def stage_for(
    server: FakeOllama,
    offer: PullOffer = OFFER,
    size: tuple[int, int] = (80, 24),
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[tuple[Stage[str | None], Pilot[None]]]:
    async with OllamaClient(parse_address(server.url), None) as client:
        stage: Stage[str | None] = Stage(PullScreen(offer, client.pull, clock))
        async with stage.run_test(size=size) as pilot:
            await until(pilot, lambda: "Pull it" in screen_text(stage), "the question")
            yield stage, pilot


async def test_size_and_disk_are_shown_before_any_request(
    server: FakeOllama,
) -> None:
    async with stage_for(server) as (stage, pilot):
        assert "about 14 GB · 80 GB free on the disk" in screen_text(stage)
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result is None
    assert server.requests == []


async def test_a_model_that_is_too_large_for_the_disk_is_not_pulled_by_one_enter(
    server: FakeOllama,
) -> None:
    offer = PullOffer(NAME, 14 * GB, 5 * GB)
    async with stage_for(server, offer) as (stage, pilot):
        assert "only 5.0 GB free" in screen_text(stage)
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result is None
    assert server.requests == []


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_a_successful_pull_returns_its_name(
    server: FakeOllama, size: tuple[int, int]
) -> None:
    async with stage_for(server, size=size) as (stage, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result == NAME
    assert server.requests[-1].body == {"model": NAME, "stream": True}


async def test_bytes_and_a_stall_are_shown_and_escape_closes_the_connection(
    server: FakeOllama,
) -> None:
    server.pull_lines = [{"status": "pulling manifest"}, *(layer(4 * GB) for _ in range(2_000))]
    server.pull_pace_s = 0.005
    clock = FakeClock()
    async with stage_for(server, clock=clock) as (stage, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "4.0 of 14 GB · 28 %" in screen_text(stage), "the bytes")
        clock.advance(30)
        await until(pilot, lambda: "no bytes for 30 s" in screen_text(stage), "the stall")
        assert "━" in screen_text(stage)
        screen = stage.screen
        assert isinstance(screen, PullScreen)
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results), "an end")
        assert screen.stopped_at.startswith("4.0 of 14 GB")
        await asyncio.to_thread(server.wait_for_close)
    assert stage.only_result is None


async def test_a_size_known_only_during_the_pull_is_compared_with_the_disk(
    server: FakeOllama,
) -> None:
    server.pull_lines = [layer(4 * GB), *({"status": "pulling manifest"} for _ in range(9))]
    server.pull_pace_s = 5
    async with stage_for(server, PullOffer("nobody/has:this", None, 5 * GB)) as (stage, pilot):
        assert "size not known before it starts" in screen_text(stage)
        await pilot.press("enter")
        wanted = "still to come: about 10 GB · only 5.0 GB free"
        await until(pilot, lambda: wanted in screen_text(stage), "the warning")
        await pilot.press("escape")


async def test_a_digest_mismatch_after_the_last_byte_is_reported_and_retried(
    server: FakeOllama,
) -> None:
    good = list(server.pull_lines)
    server.pull_lines = [
        layer(14 * GB),
        {"status": "verifying sha256 digest"},
        {"error": "digest mismatch, file must be downloaded again: want sha256:03, got sha256:a5"},
    ]
    async with stage_for(server) as (stage, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "damaged on its way" in screen_text(stage), "the fault")
        assert "could not be pulled" in screen_text(stage)
        server.pull_lines = good
        await until(pilot, lambda: "› Try again" in screen_text(stage), "the way on")
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result == NAME


async def test_a_name_that_ollama_spells_otherwise_is_offered_and_enter_takes_it(
    server: FakeOllama,
) -> None:
    good = list(server.pull_lines)
    server.pull_lines = [
        {"status": "pulling manifest"},
        {"error": "pull model manifest: file does not exist"},
    ]
    async with stage_for(server, PullOffer("gpt-oss-20b")) as (stage, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "› Pull that" in screen_text(stage), "the suggestion")
        assert NAME in screen_text(stage)
        server.pull_lines = good
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results), "an end")
    assert stage.only_result == NAME
    assert [request.body["model"] for request in server.requests if request.body] == [
        "gpt-oss-20b",
        NAME,
    ]


async def test_hostile_words_of_a_server_are_cleaned(server: FakeOllama, tmp_path: Path) -> None:
    server.pull_lines = [{"status": "\x1b[2J[/red]\u202e"}, {"error": "\x1b]52;c;aGk=\x07[b]"}]
    async with stage_for(server, PullOffer("evil\x1b[2J:1b")) as (stage, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "could not be pulled" in screen_text(stage), "the fault")
        assert screen_text(stage).replace("\n", "").isprintable()


async def test_the_command_pulls_and_reports_the_result(server: FakeOllama, tmp_path: Path) -> None:
    app = make_app(server.url, model="qwen3:1.7b", theme="textual-dark", state_dir=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for(pilot, "ready · qwen3:1.7b")
        await send(pilot, "/pull qwen3:0.6b")
        await wait_for(pilot, "Pull qwen3:0.6b?")
        await pilot.press("enter")
        await wait_for(pilot, "qwen3:0.6b is on the server now")
        server.pull_pace_s = 30
        await send(pilot, "/pull smollm2:135m")
        await wait_for(pilot, "Pull smollm2:135m?")
        await pilot.press("enter")
        await wait_for(pilot, "Pulling smollm2:135m")
        await wait_for(pilot, "pulling manifest")
        await pilot.press("escape")
        await wait_for(pilot, "/pull smollm2:135m")
