"""A workspace with its six tools, and a way to call them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.conversation.results import ToolResult
from vtcode_tui.tools.base import PreparedCall
from vtcode_tui.tools.toolbox import Toolbox, default_toolbox
from vtcode_tui.workspace.root import Workspace


@dataclass(frozen=True)
class Bench:
    """``root`` is the workspace; ``out`` a directory beside it."""

    workspace: Workspace
    toolbox: Toolbox
    out: Path

    @property
    def root(self) -> Path:
        return self.workspace.root

    async def prepare(self, name: str, **arguments: JsonValue) -> PreparedCall:
        tool = self.toolbox.get(name)
        assert tool is not None
        return await tool.prepare(ToolCall("call-1", name, arguments))

    async def run(self, name: str, **arguments: JsonValue) -> ToolResult:
        return await (await self.prepare(name, **arguments)).execute(lambda _: None)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root, out = tmp_path / "ws", tmp_path / "out"
    root.mkdir()
    out.mkdir()
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OLLAMA_API_KEY": "canary"}
    workspace = Workspace(root)
    toolbox = default_toolbox(workspace, environment=environment, command_timeout_s=20)
    return Bench(workspace, toolbox, out)
