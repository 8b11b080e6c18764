from __future__ import annotations

import pytest

from vtcode_tui.ollama.amounts import duration_words, rate_words, size_words, tokens_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (102, "102 B"),
        (4_500, "4 kB"),
        (98_362_432, "98 MB"),
        (1_359_293_444, "1.4 GB"),
        (9_960_000_000, "10 GB"),
        (290_000_000_000, "290 GB"),
        (2_100_000_000_000, "2.1 TB"),
    ],
)
def test_sizes(size: int, words: str) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (119, "119 s"),
        (360, "6 min"),
        (7_500, "2 h 5 min"),
        (7_199, "120 min"),
        (10_790, "3 h"),
        (260_000, "3 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_tokens_and_rates() -> None:
    assert [tokens_words(n) for n in (512, 8_192, 131_072)] == ["512", "8k", "128k"]
    assert [tokens_words(n) for n in (1_048_576, 2_000_000)] == ["1M", "1.9M"]
    assert [rate_words(n) for n in (4.21, 9.96, 34.4)] == ["4.2 tok/s", "10 tok/s", "34 tok/s"]
