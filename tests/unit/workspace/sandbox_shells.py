"""Commands in a sandbox, for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.workspace.sandboxes import WORKING, Place, Shell
from vtcode_tui.workspace.walls import Mechanism

EACH = pytest.mark.parametrize("mechanism", WORKING, ids=lambda mechanism: str(mechanism.kind))


def shell(place: Place, mechanism: Mechanism, *, network: bool = False) -> Shell:
    return Shell(place, place.sandbox(mechanism, network=network))


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
