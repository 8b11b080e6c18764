"""The corpus of hostile paths, with every tool allowed: what asks all the same, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.errors import FileChanged
from vtcode_tui.permissions.policy import Grants, rule_on
from vtcode_tui.tools.base import PreparedCall, ToolInputError
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace import files, gate
from vtcode_tui.workspace.names import windows_trouble
from vtcode_tui.workspace.off_limits import OffLimits
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.trail import Trail

pytestmark = pytest.mark.anyio

CORPUS = Path(__file__).parents[2] / "corpora" / "adversarial_paths.jsonl"
RECORDS: list[dict[str, str]] = [json.loads(line) for line in CORPUS.read_text().splitlines()]
POSIX = [record for record in RECORDS if record.get("os") != "windows"]
WINDOWS = [record for record in RECORDS if record.get("os") == "windows"]
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

    @property
    def home(self) -> Path:
        return self.base / "home"

    def expand(self, text: str) -> str:
        text = text.replace("$WSLINK", str(self.base / "link" / "ws"))
        text = text.replace("$WS", str(self.workspace)).replace("$OUT", str(self.outside))
        return text.replace("$HOME", str(self.home))

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

    def git_files(self) -> dict[str, bytes]:
        git = self.workspace / ".git"
        return {str(path): path.read_bytes() for path in git.rglob("*") if path.is_file()}


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
    """``deny``, ``prompt``, ``missing`` or ``ok``, while the policy allows everything.

    What is not refused is also run, as if the user had agreed.
    """
    toolbox = default_toolbox(
        Workspace(place.workspace),
        environment={"PATH": os.defpath, "HOME": str(place.home)},
        command_timeout_s=5,
    )
    name = TOOLS.get(record["tool"], record["tool"])
    tool = toolbox.get(name)
    assert tool is not None
    path = place.expand(record["path"])
    try:
        prepared = await tool.prepare(ToolCall("1", name, arguments_of(record, path)))
    except ToolInputError as error:
        return "missing" if "There is no" in str(error) else "deny"
    if "race" in record:
        place.shell(record["race"])
    if path == "/":  # a listing of the whole machine takes its time
        return rule_on(prepared, "allow", "", Grants()).policy
    return await _run(prepared)


async def _run(prepared: PreparedCall) -> str:
    ruling = rule_on(prepared, "allow", "", Grants())
    try:
        result = await prepared.execute(lambda _: None)
    except FileChanged:
        return "deny"
    if result.outcome is not Outcome.OK:
        return "deny"
    return "ok" if ruling.policy == "allow" else ruling.policy


def test_no_record_vanished() -> None:
    assert (len(RECORDS), len(POSIX), len(WINDOWS)) == (143, 131, 12)
    assert {record["must"] for record in RECORDS} == {"ok", "prompt", "deny"}


@pytest.mark.parametrize("record", POSIX, ids=lambda record: record["id"])
async def test_a_hostile_path_is_judged(place: Place, record: dict[str, str]) -> None:
    place.shell(record["setup"])
    before = place.beside_the_workspace(), place.git_files()
    found = await verdict(place, record)
    assert (place.beside_the_workspace(), place.git_files()) == before
    expected = {"ok", "missing"} if record["must"] == "ok" else {record["must"]}
    assert found in expected, record["why"]


@pytest.mark.parametrize("record", WINDOWS, ids=lambda record: record["id"])
def test_a_path_that_windows_takes_for_another_is_refused_there(record: dict[str, str]) -> None:
    assert record["must"] == "deny"
    assert windows_trouble(record["path"]) is not None, record["why"]


@pytest.mark.parametrize(
    "path",
    ["a.txt", "src\\a.txt", "C:\\work\\a.txt", "..\\b", "console.log", "a~b", ".", "auxiliary"],
)
def test_an_ordinary_path_is_fine_on_windows(path: str) -> None:
    assert windows_trouble(path) is None


Stub = tuple[object, str, object]
NEVER: Callable[..., bool] = lambda *_: False  # noqa: E731
GUARDS: dict[str, list[Stub]] = {
    "protected files": [(gate, "is_protected", NEVER)],
    "secrets": [(gate, "is_secret_path", NEVER)],
    "git": [(gate, "is_git_metadata", NEVER), (files, "is_git_metadata", NEVER)],
    "off limits": [(OffLimits, "holds", NEVER)],
    "names on the way": [
        (Trail, "paths", property(lambda trail: (trail.target,))),
        (gate, "aliases", lambda *_: ()),
    ],
    "the root": [(gate.Gate, "root_of", lambda self, _: self.workspace)],
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_the_corpus_notices_when_a_guard_is_taken_out(
    tmp_path: Path, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name, stub in GUARDS[guard]:
        monkeypatch.setattr(owner, name, stub)
    for record in POSIX:
        if record["class"] not in ("protected", "secret", "symlink", "traversal", "special"):
            continue
        base = tmp_path / record["id"]
        for folder in ("ws", "out", "home"):
            (base / folder).mkdir(parents=True)
        (base / "link").symlink_to(".")
        place = Place(base)
        place.shell(record["setup"])
        if "/proc" in record["path"] or "/dev" in record["path"] or record["path"] == "/":
            continue  # without its guard this would act on the machine
        try:
            found = await verdict(place, record)
        except Exception:  # noqa: BLE001 (a guard is missing: anything may happen)
            return
        if found not in ({"ok", "missing"} if record["must"] == "ok" else {record["must"]}):
            return
    pytest.fail(f"nothing in the corpus needs {guard}")
