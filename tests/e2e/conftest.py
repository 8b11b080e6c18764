"""The program as a user has it: the installed command, a home of its own, a project directory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "vtcode-tui")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project"
    path.mkdir()
    return path
