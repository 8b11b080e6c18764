"""Bytes, speed and time left of a pull, out of the lines that a server sends."""

from __future__ import annotations

import pytest

from tests.unit.ollama.recordings import recording
from vtcode_tui.ollama.pull_meter import PullMeter, progress_words
from vtcode_tui.ollama.replies import read_pull
from vtcode_tui.ollama.types import PullProgress

GB = 1_000_000_000


def layer(completed: int | None, total: int = 20 * GB, digest: str = "sha256:ab") -> PullProgress:
    return PullProgress("pulling ab", digest, total, completed)


def test_before_the_first_layer_there_is_only_the_servers_word() -> None:
    meter = PullMeter()
    meter.take(PullProgress("pulling manifest"), 0)
    state = meter.state(3)
    assert (state.completed, state.total, state.bytes_per_s, state.fraction) == (None,) * 4
    assert progress_words(state) == "pulling manifest"


def test_speed_and_time_left_follow_the_bytes() -> None:
    meter = PullMeter()
    for second in range(11):
        meter.take(layer(second * 100_000_000), second)
    state = meter.state(10)
    assert state.bytes_per_s == pytest.approx(100_000_000)
    assert state.left_s == pytest.approx(190)
    assert progress_words(state) == "1.0 of 20 GB · 5 % · 100 MB/s · 3 min left"


def test_what_was_there_before_says_nothing_of_the_speed() -> None:
    meter = PullMeter()
    meter.take(layer(10 * GB), 0)
    for second in range(1, 11):
        meter.take(layer(10 * GB + second * 1_000_000), second)
    state = meter.state(10)
    assert state.bytes_per_s == pytest.approx(1_000_000)
    assert state.fraction == pytest.approx(0.5, abs=0.01)


def test_layers_are_added_up_and_a_layer_that_is_there_makes_no_leap() -> None:
    meter = PullMeter()
    for second in range(5):
        meter.take(layer(second * 1_000_000, total=4_000_000), second)
    meter.take(layer(100_000_000, total=100_000_000, digest="sha256:cd"), 5)
    state = meter.state(5)
    assert (state.completed, state.total) == (104_000_000, 104_000_000)
    assert state.bytes_per_s == pytest.approx(800_000)


def test_a_pull_that_stands_still_says_so_and_for_how_long() -> None:
    meter = PullMeter()
    for second in range(5):
        meter.take(layer(second * GB), second)
    for tick in range(600):
        meter.take(layer(4 * GB), 4 + tick / 17)
    state = meter.state(40)
    assert state.still_s == pytest.approx(36)
    assert progress_words(state) == "4.0 of 20 GB · 20 % · no bytes for 36 s"
    meter.take(layer(5 * GB), 41)
    assert meter.state(41).still_s == 0


def test_what_the_server_does_after_the_last_byte_is_shown() -> None:
    meter = PullMeter()
    meter.take(layer(20 * GB), 0)
    meter.take(PullProgress("verifying sha256 digest"), 1)
    state = meter.state(100)
    assert state.still_s == 0
    assert progress_words(state) == "20 of 20 GB · 100 % · verifying sha256 digest"


@pytest.mark.parametrize("odd", [layer(None), layer(-0), layer(99 * GB), layer(5, total=0)])
def test_odd_numbers_are_no_trouble(odd: PullProgress) -> None:
    meter = PullMeter()
    meter.take(odd, 0)
    meter.take(odd, 2)
    state = meter.state(4)
    assert state.fraction is None or 0 <= state.fraction <= 1
    assert progress_words(state)


def test_a_recorded_resume_begins_where_the_cancelled_pull_stopped() -> None:
    def metered(name: str) -> PullMeter:
        meter = PullMeter()
        for number, record in enumerate(recording(name).records):
            meter.take(read_pull(record), number * 0.1)
        return meter

    stopped = metered("66a-pull-cancelled-by-client").state(1_000)
    assert stopped.completed == 46_137_344
    assert stopped.total == 98_362_432
    resumed = metered("66b-pull-resumed-success").state(1_000)
    assert resumed.completed == pytest.approx(98_362_432, rel=0.01)
    assert resumed.status == "success"
