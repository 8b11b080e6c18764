"""SIGKILL at random moments: nothing committed is missing, and the session goes on. Every third time
the machine's power goes with it, and what was not brought to the disk is lost.

Others end it between two of its own calls to the system. A dozen seeds and a few calls here;
VTCODE_TUI_KILLS=200 in the environment runs that many of each, a few seconds each.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.e2e.killing import kill_and_resume

MOST_CALLS = 240
"""About as many as the scripted session makes."""
KILLS = int(os.environ.get("VTCODE_TUI_KILLS", "12"))


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_at_any_moment_loses_nothing_committed(tmp_path: Path, seed: int) -> None:
    kill_and_resume(tmp_path / "run", seed, loses_power=seed % 3 == 0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("seed", range(KILLS // 4))
def test_a_kill_between_two_calls_to_the_system_loses_nothing_committed(
    tmp_path: Path, seed: int
) -> None:
    kill_and_resume(tmp_path / "run", seed, dies_at=random.Random(seed).randint(1, MOST_CALLS))
