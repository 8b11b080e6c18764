"""/prompt, /doctor and the key for the next model, in the transcript."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, installed_model
from tests.screen.scenes import make_app, send, wait_for

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("qwen3:1.7b", "Tools, by the server's own way: read_file"),
        ("llama3:8b", "<tool_call>"),
    ],
)
async def test_prompt_shows_what_the_model_receives(
    server: FakeOllama, tmp_path: Path, model: str, told: str
) -> None:
    app = make_app(server.url, model=model, theme="textual-dark", state_dir=tmp_path)
    async with app.run_test(size=(120, 60)) as pilot:
        await wait_for(pilot, f"ready · {model}")
        await send(pilot, "/prompt")
        screen = await wait_for(pilot, "tokens, with the tools")
        assert "You are a coding agent" in screen
        assert "2026-01-02" in screen
        assert "Linux x86_64" in screen
        assert told in screen
    assert server.chats == []


async def test_doctor_reports_in_the_transcript(server: FakeOllama, tmp_path: Path) -> None:
    app = make_app(server.url, model="qwen3:1.7b", theme="textual-dark", state_dir=tmp_path)
    async with app.run_test(size=(120, 60)) as pilot:
        await wait_for(pilot, "ready · qwen3:1.7b")
        await send(pilot, "/doctor")
        screen = await wait_for(pilot, "to look at")
        assert "Ollama 0.33.0 answers" in screen
        assert "120 by 60" in screen
        assert "warn  sandbox" in screen
        assert "ready · qwen3:1.7b" in screen


async def test_a_key_cycles_through_the_models_used_in_this_run(
    server: FakeOllama, tmp_path: Path
) -> None:
    server.models.append({**installed_model("only-embeddings"), "capabilities": ["embedding"]})
    app = make_app(server.url, model="qwen3:1.7b", theme="textual-dark", state_dir=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_for(pilot, "ready · qwen3:1.7b")
        await pilot.press("ctrl+o")
        await wait_for(pilot, "Choose a model")
        assert "only-embeddings" not in await wait_for(pilot, "llama3:8b")
        await pilot.press(*"llama3:8b")
        await wait_for(pilot, "› llama3:8b")
        await pilot.press("enter")
        await wait_for(pilot, "ready · llama3:8b")
        await pilot.press("f2")
        await wait_for(pilot, "ready · qwen3:1.7b")
        await pilot.press("f2")
        await wait_for(pilot, "ready · llama3:8b")
