"""Writes of files, for tests."""

from __future__ import annotations

import os
from pathlib import Path

from vtcode_tui.workspace.files import (
    write_atomic,
)
from vtcode_tui.workspace.root import Workspace


def write(workspace: Workspace, path: str, content: bytes, expected: str | None = None) -> None:
    write_atomic(workspace, workspace.resolve(path), content, expected)


def names(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.root.iterdir())


def hard_linked(workspace: Workspace, content: bytes) -> Path:
    """A file beside the workspace that is also ``f`` in it."""
    elsewhere = workspace.root.parent / "elsewhere"
    elsewhere.write_bytes(content)
    os.link(elsewhere, workspace.root / "f")
    return elsewhere
