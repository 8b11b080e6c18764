"""/context: the window, its memory calculation, and setting it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama, reply
from tests.screen.scenes import make_app, send, wait_for
from vtcode_tui.errors import ConfigError
from vtcode_tui.tui.app import VtcodeApp
from vtcode_tui.tui.context_report import window_from

MODEL = "qwen3:1.7b"
INFO = {
    "general.architecture": "qwen3",
    "qwen3.context_length": 40_960,
    "qwen3.block_count": 28,
    "qwen3.attention.head_count": 16,
    "qwen3.attention.head_count_kv": 8,
    "qwen3.attention.key_length": 128,
}


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        fake.details[MODEL] = {"model_info": INFO}
        yield fake


def app_with_memory(server: FakeOllama, memory_bytes: int, tmp_path: Path) -> VtcodeApp:
    app = make_app(server.url, model=MODEL, theme="textual-dark", state_dir=tmp_path)
    return VtcodeApp(replace(app.launch, memory_bytes=memory_bytes))


@pytest.mark.parametrize(
    ("typed", "window"),
    [("16384", 16_384), ("16,384", 16_384), ("16k", 16_384), (" 8K ", 8_192), ("auto", None)],
)
def test_window_sizes_are_parsed(typed: str, window: int | None) -> None:
    assert window_from(typed) == window


@pytest.mark.parametrize("typed", ["", "big", "-1", "511", "2000000", "16m", "1.5k"])
def test_an_invalid_window_is_an_error_with_an_example(typed: str) -> None:
    with pytest.raises(ConfigError, match="context window") as caught:
        window_from(typed)
    assert "/context 16384" in caught.value.advice


@pytest.mark.anyio
async def test_the_memory_calculation_is_shown_and_a_chosen_window_is_sent(
    server: FakeOllama, tmp_path: Path
) -> None:
    app = app_with_memory(server, 8_000_000_000, tmp_path)
    async with app.run_test(size=(110, 40)) as pilot:
        await wait_for(pilot, f"ready · {MODEL}")
        await send(pilot, "/context")
        screen = await wait_for(pilot, "To change it")
        assert "32,768 tokens: the model's limit, at most 32,768" in screen
        assert "1.4 GB weights + 3.8 GB cache (32,768 × 112 KiB) = 5.1 GB" in screen
        assert "tight: 80 % of this machine is 6.4 GB" in screen
        assert "Compacted       at 80 %" in screen
        await send(pilot, "/context 8k")
        await wait_for(pilot, "Context window: 8,192 tokens (you set it)")
        server.script(reply("Hello."))
        await send(pilot, "Hi")
        await wait_for(pilot, "Hello.")
        assert server.chats[-1].body is not None
        assert server.chats[-1].body["options"] == {"num_ctx": 8_192}
        await wait_for(pilot, "of 8k")
        await send(pilot, "/context auto")
        await wait_for(pilot, "Context window: 32,768 tokens (the model's limit")
        await send(pilot, "/context lots")
        await wait_for(pilot, "lots is not a size for a context window.")


@pytest.mark.anyio
async def test_a_window_beyond_the_models_limit_is_reduced_with_a_notice(
    server: FakeOllama, tmp_path: Path
) -> None:
    app = app_with_memory(server, 64_000_000_000, tmp_path)
    async with app.run_test(size=(110, 40)) as pilot:
        await wait_for(pilot, f"ready · {MODEL}")
        await send(pilot, "/context 512k")
        await wait_for(pilot, "40,960 tokens (the model takes no more than this")
