"""The corpus of hostile paths through the tools: what is refused, and what may be asked for."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.errors import FileChanged
from vtcode_tui.tools.base import PreparedCall, ToolInputError
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace.root import Workspace

pytestmark = pytest.mark.anyio

CORPUS = Path(__file__).parents[2] / "corpora" / "adversarial_paths.jsonl"
RECORDS: list[dict[str, str]] = [json.loads(line) for line in CORPUS.read_text().splitlines()]
POSIX = [record for record in RECORDS if record.get("os") != "windows"]
TOOLS = {"list": "list_files"}


@dataclass(frozen=True)
class Place:
    """A workspace, a directory outside and a home beside it."""

    base: Path

    @property
    def workspace(self) -> Path:
        return self.base / "ws"

    @property
    def outside(self) -> Path:
        return self.base / "out"

    def expand(self, text: str) -> str:
        text = text.replace("$WSLINK", str(self.base / "link" / "ws"))
        text = text.replace("$WS", str(self.workspace)).replace("$OUT", str(self.outside))
        return text.replace("$HOME", str(self.base / "home"))

    def shell(self, lines: str) -> None:
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        command = ["/bin/bash", "-c", self.expand(lines)]
        subprocess.run(command, cwd=self.workspace, env=environment, check=True)

    def beside_the_workspace(self) -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in self.base.rglob("*")
            if path.is_file() and not path.is_relative_to(self.workspace)
        }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("ws", "out", "home"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(".")
    return Place(tmp_path)


def arguments_of(record: dict[str, str], path: str) -> dict[str, JsonValue]:
    if record["tool"] == "write_file":
        return {"path": path, "content": "new\n"}
    if record["tool"] == "edit_file":
        return {"path": path, "old_text": "x", "new_text": "new"}
    return {"path": path}


async def verdict(place: Place, record: dict[str, str]) -> str:
    """``deny``, ``missing`` or ``ok``; what is not refused is also run."""
    toolbox = default_toolbox(
        Workspace(place.workspace), environment={"PATH": os.defpath}, command_timeout_s=5
    )
    name = TOOLS.get(record["tool"], record["tool"])
    tool = toolbox.get(name)
    assert tool is not None
    path = place.expand(record["path"])
    try:
        prepared = await tool.prepare(ToolCall("1", name, arguments_of(record, path)))
    except ToolInputError as error:
        return "missing" if "There is no" in str(error) else "deny"
    return await _run(place, record, prepared)


async def _run(place: Place, record: dict[str, str], prepared: PreparedCall) -> str:
    if "race" in record:
        place.shell(record["race"])
    try:
        result = await prepared.execute(lambda _: None)
    except FileChanged:
        return "deny"
    return "ok" if result.outcome is Outcome.OK else "deny"


def test_no_record_vanished() -> None:
    assert (len(RECORDS), len(POSIX)) == (121, 109)


@pytest.mark.parametrize("record", POSIX, ids=lambda record: record["id"])
async def test_a_hostile_path_is_judged(place: Place, record: dict[str, str]) -> None:
    place.shell(record["setup"])
    before = place.beside_the_workspace()
    found = await verdict(place, record)
    assert place.beside_the_workspace() == before
    if record["must"] == "ok":
        assert found in ("ok", "missing"), record["why"]
    elif record["must"] == "deny":
        assert found in ("deny", "missing"), record["why"]
    elif record["class"] in ("traversal", "symlink") and "outside" in record["why"]:
        assert found == "deny", record["why"]
