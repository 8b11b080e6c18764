"""Paths inside one root: what resolves, what is refused, and that nothing else is ever opened."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workspace.random_trees import ASKED, ENTRIES, grow
from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace import beneath
from vtcode_tui.workspace.beneath import directory_beneath, open_beneath
from vtcode_tui.workspace.files import digest, open_regular, write_atomic
from vtcode_tui.workspace.root import Workspace


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "out"
    path.mkdir()
    (path / "secret").write_text("s")
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ws").mkdir()
    return Workspace(tmp_path / "ws")


@pytest.fixture(params=["openat2", "walk"])
def opening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to open below a directory, where this kernel has both."""
    if request.param == "walk":
        monkeypatch.setattr(beneath._OPENAT2, "_is_supported", False)
    else:
        assert beneath._OPENAT2.is_supported
    return str(request.param)


def test_relative_and_absolute_paths_inside_resolve_to_the_same_place(workspace: Workspace) -> None:
    wanted = workspace.root / "a" / "b.txt"
    assert workspace.resolve("a/b.txt") == wanted
    assert workspace.resolve("./a/../a//b.txt") == wanted
    assert workspace.resolve(str(wanted)) == wanted
    assert workspace.relative(wanted) == "a/b.txt"
    assert workspace.relative(workspace.root) == "."


def test_a_root_reached_through_a_link_is_the_same_place(tmp_path: Path) -> None:
    (tmp_path / "real" / "ws").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    workspace = Workspace(tmp_path / "link" / "ws")
    assert workspace.relative(workspace.resolve(f"{tmp_path}/link/ws/a")) == "a"
    assert workspace.relative(workspace.resolve(f"{tmp_path}/real/ws/a")) == "a"


def test_a_link_that_stays_inside_resolves_to_its_target(workspace: Workspace) -> None:
    (workspace.root / "real").mkdir()
    (workspace.root / "link").symlink_to("real")
    (workspace.root / "absolute").symlink_to(workspace.root / "real")
    assert workspace.resolve("link/x") == workspace.resolve("absolute/x")
    assert workspace.relative(workspace.resolve("link/x")) == "real/x"


@pytest.mark.parametrize(
    "path", ["../out/secret", "a/../../out/secret", "/etc/passwd", "/", "..", "up/out/secret",
             "link/secret", "link/../x", "file", "/proc/self/root/etc/passwd"],
)  # fmt: skip
def test_what_leads_outside_is_refused(workspace: Workspace, outside: Path, path: str) -> None:
    (workspace.root / "a").mkdir()
    (workspace.root / "up").symlink_to("..")
    (workspace.root / "link").symlink_to(outside)
    (workspace.root / "file").symlink_to(outside / "secret")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve(path)


def test_a_sibling_with_the_same_beginning_is_outside(workspace: Workspace) -> None:
    with pytest.raises(OutsideWorkspace):
        workspace.resolve(f"{workspace.root}-evil/f")


def test_a_loop_of_links_is_refused(workspace: Workspace) -> None:
    (workspace.root / "loop").symlink_to("loop")
    with pytest.raises(WorkspaceError, match="loop"):
        workspace.resolve("loop")


def test_a_link_to_a_name_that_is_refused_is_refused(workspace: Workspace) -> None:
    (workspace.root / "plain").symlink_to("a\u202eb")
    with pytest.raises(WorkspaceError, match=r"U\+202E"):
        workspace.resolve("plain")


def test_a_root_that_is_no_directory_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot be opened"):
        Workspace(tmp_path / "nothing")


def test_a_path_outside_has_no_name_inside(workspace: Workspace) -> None:
    for path in (Path("/etc"), workspace.root / ".." / "out"):
        with pytest.raises(OutsideWorkspace):
            workspace.relative(path)


def test_opening_below_a_directory_follows_no_link(
    workspace: Workspace, outside: Path, opening: str
) -> None:
    (workspace.root / "d").mkdir()
    (workspace.root / "d" / "f").write_text("x")
    (workspace.root / "link").symlink_to("d")
    (workspace.root / "out").symlink_to(outside)
    (workspace.root / "d" / "g").symlink_to("f")
    descriptor = open_beneath(workspace.root_fd, ("d", "f"), os.O_RDONLY)
    assert os.read(descriptor, 9) == b"x"
    os.close(descriptor)
    for names in (("link", "f"), ("out", "secret"), ("d", "g"), ("link",)):
        with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
            open_beneath(workspace.root_fd, names, os.O_RDONLY)


def test_directories_are_made_on_the_way_and_never_through_a_link(
    workspace: Workspace, outside: Path, opening: str
) -> None:
    with directory_beneath(workspace.root_fd, ("a", "b"), create=True):
        assert (workspace.root / "a" / "b").is_dir()
    (workspace.root / "link").symlink_to(outside)
    with (
        pytest.raises(OSError, match=r"symbolic links|Not a directory"),
        directory_beneath(workspace.root_fd, ("link", "b"), create=True),
    ):
        pass
    assert list(outside.iterdir()) == [outside / "secret"]


def test_a_directory_swapped_for_a_link_after_the_check_leads_nowhere(
    workspace: Workspace, outside: Path, opening: str
) -> None:
    (workspace.root / "d").mkdir()
    (workspace.root / "d" / "f").write_text("x")
    path = workspace.resolve("d/f")
    (workspace.root / "d").rename(workspace.root / "gone")
    (workspace.root / "d").symlink_to(outside)
    with pytest.raises(FileChanged):
        write_atomic(workspace, path, b"new", digest(b"x"))
    with pytest.raises(OutsideWorkspace):
        write_atomic(workspace, path, b"new", None)
    with pytest.raises(OutsideWorkspace), open_regular(workspace, path):
        pass
    assert [entry.name for entry in outside.iterdir()] == ["secret"]


FLIPPER = """
import os, sys
os.chdir(sys.argv[1])
print(flush=True)
while True:
    for old, new in (("flip", "spare"), ("trap", "flip"), ("flip", "trap"), ("spare", "flip")):
        os.rename(old, new)
"""


def writes_that_get_out(
    workspace: Workspace, outside: Path, write: Callable[[Path], None], tries: int
) -> int:
    """Write while a directory keeps turning into a link and back; stops at the first escape."""
    (workspace.root / "flip").mkdir()
    (workspace.root / "trap").symlink_to(outside)
    words = [sys.executable, "-c", FLIPPER, str(workspace.root)]
    escaped = 0
    with subprocess.Popen(words, stdout=subprocess.PIPE) as flipper:
        assert flipper.stdout is not None
        flipper.stdout.readline()
        for number in range(tries):
            with contextlib.suppress(WorkspaceError, OSError):
                write(workspace.resolve(f"flip/{number % 50}"))
            escaped = len(list(outside.iterdir())) - 1
            if escaped:
                break
        flipper.kill()
    return escaped


def test_no_write_gets_out_while_a_directory_keeps_turning_into_a_link(
    workspace: Workspace, outside: Path, opening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)

    def write(path: Path) -> None:
        write_atomic(workspace, path, b"x", None)

    assert writes_that_get_out(workspace, outside, write, tries=3_000) == 0


def test_the_same_race_lets_a_careless_write_out(workspace: Workspace, outside: Path) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"x")

    assert writes_that_get_out(workspace, outside, write, tries=100_000) > 0


@pytest.mark.parametrize("way", ["openat2", "walk"])
@settings(max_examples=200, deadline=None)
@given(entries=ENTRIES, asked=ASKED, absolute=st.booleans())
def test_in_any_tree_what_is_opened_lies_inside(
    way: str, entries: list[tuple[list[str], str, str]], asked: list[str], absolute: bool
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        if way == "walk":
            patch.setattr(beneath._OPENAT2, "_is_supported", False)
        base = Path(name).resolve()
        root, outside = base / "ws", base / "out"
        root.mkdir()
        outside.mkdir()
        (outside / "secret").write_text("s")
        grow(base, entries)
        before = sorted(outside.rglob("*"))
        workspace = Workspace(root)
        path = ("/" if absolute else "") + "/".join(asked)
        with contextlib.suppress(WorkspaceError):
            resolved = workspace.resolve(path)
            with open_regular(workspace, resolved) as descriptor:
                if descriptor is not None:
                    opened = Path(f"/proc/self/fd/{descriptor}").readlink()
                    assert opened.is_relative_to(root)
                    assert opened == resolved
            write_atomic(workspace, resolved, b"new", None)
            assert resolved.is_relative_to(root)
            assert resolved.read_bytes() == b"new"
        assert sorted(outside.rglob("*")) == before
        assert (outside / "secret").read_text() == "s"
