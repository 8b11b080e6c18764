"""``ask`` on the scripted server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama
from tests.unit.headless.asking import Asker


@pytest.fixture
def ask(server: FakeOllama, tmp_path: Path) -> Asker:
    workspace = tmp_path / "project"
    workspace.mkdir()
    return Asker(server, workspace)
