"""A scripted server and ``ask`` on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.ollama_server import FakeOllama
from tests.unit.headless.asking import Asker


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        yield fake


@pytest.fixture
def ask(server: FakeOllama, tmp_path: Path) -> Asker:
    workspace = tmp_path / "project"
    workspace.mkdir()
    return Asker(server, workspace)
