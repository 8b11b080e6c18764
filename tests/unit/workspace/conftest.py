"""Fixtures for tests of the workspace: a gate, and the directories around its workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.root import Workspace


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("ws", "out", "home", "state"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def gate(base: Path) -> Gate:
    return Gate(Workspace(base / "ws"), homes=[base / "home"], own=[base / "state"])
