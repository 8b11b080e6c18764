"""Nothing gets out through the gate: not in a race, and not in any tree of links and names."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workspace.random_trees import ASKED, ENTRIES, grow
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.calls import replace_file
from vtcode_tui.workspace import beneath
from vtcode_tui.workspace.files import open_regular, read_bytes
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.root import Workspace

TRIES = 20_000
FLIPPER = """
import os, sys
os.chdir(sys.argv[1])
print(flush=True)
while True:
    for old, new in (("flip", "spare"), ("trap", "flip"), ("flip", "trap"), ("spare", "flip")):
        os.rename(old, new)
"""


@pytest.fixture(params=["openat2", "walk"])
def opening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to open below a directory."""
    if request.param == "walk":
        monkeypatch.setattr(beneath._OPENAT2, "_is_supported", False)
    else:
        assert beneath._OPENAT2.is_supported


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "out"
    path.mkdir()
    (path / "secret").write_bytes(b"secret")
    return path


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    (tmp_path / "ws").mkdir()
    return Gate(Workspace(tmp_path / "ws"))


@contextlib.contextmanager
def flipping(root: Path) -> Iterator[None]:
    """``flip`` keeps turning into ``trap`` and back, as fast as another process can."""
    words = [sys.executable, "-c", FLIPPER, str(root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as flipper:
        assert flipper.stdout is not None
        flipper.stdout.readline()
        try:
            yield
        finally:
            flipper.kill()


def escaped_writes(root: Path, outside: Path, write: Callable[[str], None], tries: int) -> int:
    (root / "flip").mkdir()
    (root / "trap").symlink_to(outside)
    with flipping(root):
        for number in range(tries):
            with contextlib.suppress(WorkspaceError, OSError):
                write(f"flip/{number % 50}")
            if number % 100 == 99 and len(list(outside.iterdir())) > 1:
                break
    return len(list(outside.iterdir())) - 1


def leaked_reads(root: Path, outside: Path, read: Callable[[str], bytes], tries: int) -> int:
    (root / "flip").write_bytes(b"mine")
    (root / "trap").symlink_to(outside / "secret")
    leaks = good = 0
    with flipping(root):
        for _ in range(tries):
            with contextlib.suppress(WorkspaceError, OSError):
                content = read("flip")
                leaks += content == b"secret"
                good += content == b"mine"
            if leaks:
                break
    assert good or leaks, "the race never let a read through"
    return leaks


def test_no_write_gets_out_in_a_race(
    gate: Gate, outside: Path, opening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)

    def write(path: str) -> None:
        place = gate.to_write(path)
        with contextlib.suppress(WorkspaceError):
            replace_file(place, None, b"x", None)

    assert escaped_writes(gate.workspace.root, outside, write, TRIES // 2) == 0


def test_no_read_of_the_workspace_gets_out_in_a_race(
    gate: Gate, outside: Path, opening: None
) -> None:
    def read(path: str) -> bytes:
        place = gate.to_read(path)
        if place.is_outside:
            raise WorkspaceError("this would have asked")
        return read_bytes(place.root, place.path, check=place.check_opened)

    assert leaked_reads(gate.workspace.root, outside, read, TRIES // 4) == 0


def test_the_same_races_get_out_of_a_gate_that_only_looks_first(gate: Gate, outside: Path) -> None:
    root = gate.workspace.root

    def checked(path: str) -> Path:
        if not Path(os.path.realpath(root / path)).is_relative_to(root):
            raise WorkspaceError("outside")
        return root / path

    def write(path: str) -> None:
        checked(path).write_bytes(b"x")

    assert escaped_writes(root, outside, write, 100_000) > 0
    (root / "trap").unlink(missing_ok=True)
    for name in ("flip", "spare"):
        with contextlib.suppress(OSError):
            subprocess.run(["rm", "-rf", name], cwd=root, check=True)
    assert leaked_reads(root, outside, lambda path: checked(path).read_bytes(), 100_000) > 0


def test_what_was_approved_outside_is_what_is_read_in_a_race(
    gate: Gate, outside: Path, opening: None
) -> None:
    elsewhere = outside / "place"
    elsewhere.mkdir()

    def read(path: str) -> bytes:
        place = gate.to_read(str(elsewhere / path))
        if place.path != elsewhere / path:
            raise WorkspaceError("this would have shown where it leads")
        return read_bytes(place.root, place.path, check=place.check_opened)

    assert leaked_reads(elsewhere, outside, read, TRIES // 4) == 0


def beside(base: Path) -> dict[str, bytes | None]:
    return {
        str(path): path.read_bytes() if path.is_file() else None
        for folder in ("out", "home")
        for path in sorted((base / folder).rglob("*"))
    }


@pytest.mark.parametrize("way", ["openat2", "walk"])
@settings(max_examples=300, deadline=None)
@given(entries=ENTRIES, asked=ASKED, absolute=st.booleans())
def test_in_any_tree_what_does_not_ask_is_inside_and_what_is_written_too(
    way: str, entries: list[tuple[list[str], str, str]], asked: list[str], absolute: bool
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        if way == "walk":
            patch.setattr(beneath._OPENAT2, "_is_supported", False)
        base = Path(name).resolve()
        for folder in ("ws", "out", "home/.ssh"):
            (base / folder).mkdir(parents=True)
        (base / "out" / "secret").write_text("s")
        (base / "home" / ".ssh" / "id_rsa").write_text("k")
        grow(base, entries)
        before = beside(base)
        root = base / "ws"
        gate = Gate(Workspace(root), homes=[base / "home"])
        path = ("/" if absolute else "") + "/".join(asked)
        with contextlib.suppress(WorkspaceError):
            place = gate.to_read(path)
            with open_regular(place.root, place.path) as descriptor:
                if descriptor is not None:
                    opened = Path(f"/proc/self/fd/{descriptor}").readlink()
                    assert opened == place.path == Path(os.path.realpath(root / path))
                    assert opened.is_relative_to(root) or place.is_outside
                    assert bool(place.is_outside) <= bool(place.caution)
                    assert ".ssh" not in opened.parts
        with contextlib.suppress(WorkspaceError):
            place = gate.to_write(path)
            assert ".git" not in place.path.relative_to(root).parts
            replace_file(
                place, place.path.read_bytes() if place.path.exists() else None, b"n", None
            )
            assert place.path.is_relative_to(root)
            assert place.path.read_bytes() == b"n"
        assert beside(base) == before
