"""SIGKILL at random moments: nothing committed is missing, and the session goes on. Every third time
the machine's power goes with it, and what was not brought to the disk is lost.

A dozen seeds here; VTCODE_TUI_KILLS=200 in the environment runs that many, a few seconds each.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.killing import kill_and_resume

KILLS = int(os.environ.get("VTCODE_TUI_KILLS", "12"))


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_at_any_moment_loses_nothing_committed(tmp_path: Path, seed: int) -> None:
    kill_and_resume(tmp_path / "run", seed, loses_power=seed % 3 == 0)
