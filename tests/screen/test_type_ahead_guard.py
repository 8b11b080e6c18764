"""The guard against keys typed ahead into a dialog."""

from __future__ import annotations

import random

import pytest

from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard


def test_it_is_closed_until_it_was_seen_for_the_idle_time() -> None:
    guard = TypeAheadGuard(0.6)
    assert not guard.is_open(100.0)
    guard.appeared(100.0)
    assert not guard.is_open(100.59)
    assert guard.is_open(100.61)


def test_every_key_before_it_opens_starts_the_wait_again() -> None:
    guard = TypeAheadGuard(0.6)
    guard.appeared(0.0)
    for at in (0.5, 1.0, 1.5, 2.0):
        assert not guard.key_came(at, is_text=False)
    assert not guard.is_open(2.5)
    assert guard.key_came(2.7, is_text=False)


def test_once_open_keys_may_follow_quickly_but_text_closes_it() -> None:
    guard = TypeAheadGuard(0.6)
    guard.appeared(0.0)
    assert guard.key_came(1.0, is_text=False)
    assert guard.key_came(1.05, is_text=False)
    assert not guard.key_came(1.1, is_text=True)
    assert not guard.key_came(1.2, is_text=False)
    assert guard.key_came(2.0, is_text=False)


def test_a_key_that_is_delivered_late_does_not_profit_from_the_delay() -> None:
    guard = TypeAheadGuard(0.6)
    guard.appeared(0.0)
    assert guard.is_open(3.0), "nothing was delivered for three seconds"
    assert not guard.key_came(0.2, is_text=False)
    assert not guard.key_came(0.5, is_text=False)
    assert not guard.key_came(1.0, is_text=False)
    assert guard.key_came(1.7, is_text=False)


@pytest.mark.parametrize("seed", range(20))
def test_no_key_of_someone_who_types_without_a_pause_may_act(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        guard = TypeAheadGuard(0.6)
        now = rng.uniform(0, 100)
        guard.appeared(now)
        for _key in range(40):
            now += rng.uniform(0.05, 0.59)
            assert not guard.key_came(now, is_text=rng.random() < 0.5)
