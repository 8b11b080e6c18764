"""Which context window is chosen, and the sum behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vtcode_tui.conversation.messages import JsonObject
from vtcode_tui.ollama.fit import (
    SMALLEST_WINDOW,
    Fit,
    MemoryNeed,
    cache_bytes_per_token,
    fit,
    largest_window,
)
from vtcode_tui.ollama.window import WindowFacts, choose_window

GIB = 1024**3
CAPTURES = Path(__file__).parents[2] / "captures"


def model_info(recording: str) -> JsonObject:
    _, _, body = (CAPTURES / recording).read_text().partition("\n\n")
    info: JsonObject = json.loads(body)["model_info"]
    return info


def test_the_cache_of_a_recorded_model_is_summed_from_its_numbers() -> None:
    # 30 blocks, 3 key-value heads of 576 / 9 numbers, two vectors, two bytes a number
    assert cache_bytes_per_token(model_info("05-show-tools-thinking.http")) == 2 * 30 * 3 * 64 * 2


def test_a_list_of_heads_is_summed_and_a_key_length_is_taken_as_it_is() -> None:
    info: JsonObject = {
        "general.architecture": "g",
        "g.block_count": 3,
        "g.attention.head_count_kv": [8, 0, 4],
        "g.attention.key_length": 128,
    }
    assert cache_bytes_per_token(info) == 2 * 12 * 128 * 2


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"general.architecture": 3},
        {"general.architecture": "a", "a.block_count": 4},
        {"general.architecture": "a", "a.block_count": -1, "a.attention.head_count_kv": True},
    ],
)
def test_missing_or_odd_numbers_give_no_sum(info: JsonObject) -> None:
    assert cache_bytes_per_token(info) is None


def test_the_window_shrinks_to_what_memory_holds_but_not_below_a_usable_one() -> None:
    need = MemoryNeed(weights_bytes=4 * GIB, cache_bytes_per_token=131_072)
    assert largest_window(need, 8 * GIB) == 19_456
    assert need.total_bytes(19_456) <= 0.8 * 8 * GIB
    assert largest_window(need, 2 * GIB) == SMALLEST_WINDOW


def test_fit_says_whether_there_is_room() -> None:
    need = MemoryNeed(4 * GIB, 131_072)
    assert fit(need, 4096, 16 * GIB) is Fit.FITS
    assert fit(need, 8192, 8 * GIB) is Fit.TIGHT
    assert fit(need, 4096, 4 * GIB) is Fit.TOO_LARGE


NEED = MemoryNeed(4 * GIB, 131_072)


@pytest.mark.parametrize(
    ("facts", "asked", "expected"),
    [
        (WindowFacts(limit=40_960), None, 32_768),
        (WindowFacts(limit=8_192), None, 8_192),
        (WindowFacts(), None, 32_768),
        (WindowFacts(limit=40_960), 40_000, 40_000),
        (WindowFacts(limit=8_192), 40_000, 8_192),
        (WindowFacts(limit=40_960, parameters="stop  x\nnum_ctx    16384\n"), None, 16_384),
        (WindowFacts(limit=40_960, parameters="num_ctx 16384"), 9_000, 9_000),
        (WindowFacts(limit=40_960, need=NEED, memory_bytes=8 * GIB), None, 19_456),
        (WindowFacts(limit=40_960, need=NEED, memory_bytes=64 * GIB), None, 32_768),
        (WindowFacts(limit=200_000, is_cloud=True), None, None),
        (WindowFacts(limit=200_000, is_cloud=True), 100_000, 100_000),
    ],
)
def test_the_window_is_the_users_else_the_files_else_what_fits(
    facts: WindowFacts, asked: int | None, expected: int | None
) -> None:
    window = choose_window(facts, asked)
    assert window.num_ctx == expected
    assert window.reason
