"""A write leaves the old file or the new one, whatever happens to it, and replaces only what was shown."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.workspace.writing import hard_linked, names, write
from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace import replacing
from vtcode_tui.workspace.files import (
    ABSENT,
    digest,
    read_bytes,
    write_atomic,
)
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.temporary import sweep


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ws").mkdir()
    return Workspace(tmp_path / "ws")


@pytest.mark.parametrize("change", ["changed", "removed", "replaced by a directory"])
def test_a_file_that_is_not_the_one_shown_is_not_written(workspace: Workspace, change: str) -> None:
    path = workspace.root / "f"
    path.write_bytes(b"old")
    expected = digest(b"old")
    path.unlink()
    if change == "changed":
        path.write_bytes(b"mine")
    elif change == "replaced by a directory":
        path.mkdir()
    with pytest.raises(WorkspaceError) as caught:
        write(workspace, "f", b"new", expected)
    assert isinstance(caught.value, FileChanged) or change == "replaced by a directory"
    assert names(workspace) == ([] if change == "removed" else ["f"])
    if change == "changed":
        assert path.read_bytes() == b"mine"


def test_a_file_that_came_into_being_is_not_overwritten(workspace: Workspace) -> None:
    (workspace.root / "f").write_bytes(b"mine")
    with pytest.raises(FileChanged):
        write(workspace, "f", b"new", ABSENT)
    assert (workspace.root / "f").read_bytes() == b"mine"


def test_a_file_that_came_into_being_at_the_last_moment_is_not_overwritten(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_then_create(*_: object) -> None:
        (workspace.root / "f").write_bytes(b"mine")

    monkeypatch.setattr(replacing, "check_unchanged", check_then_create)
    with pytest.raises(FileChanged):
        write(workspace, "f", b"new", ABSENT)
    assert (workspace.root / "f").read_bytes() == b"mine"
    assert names(workspace) == ["f"]


def test_a_file_swapped_for_a_link_is_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s")
    (workspace.root / "f").write_bytes(b"old")
    path = workspace.resolve("f")
    (workspace.root / "f").unlink()
    (workspace.root / "f").symlink_to(tmp_path / "secret")
    with pytest.raises(OutsideWorkspace):
        read_bytes(workspace, path)
    with pytest.raises(FileChanged):
        write_atomic(workspace, path, b"new", digest(b"old"))
    assert (tmp_path / "secret").read_bytes() == b"s"


def test_a_link_in_the_place_of_a_file_is_never_replaced(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"s")
    (workspace.root / "f").symlink_to(tmp_path / "secret")
    with pytest.raises(OutsideWorkspace):
        write_atomic(workspace, workspace.root / "f", b"new", None)
    assert (workspace.root / "f").is_symlink()
    assert (tmp_path / "secret").read_bytes() == b"s"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
@pytest.mark.parametrize("call", ["write", "fsync", "replace", "fchmod"])
def test_when_any_step_fails_the_old_file_is_whole_and_nothing_else_stays(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    (workspace.root / "f").write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(WorkspaceError, match=os.strerror(code)):
        write(workspace, "f", b"new", digest(b"old"))
    assert (workspace.root / "f").read_bytes() == b"old"
    assert names(workspace) == ["f"]


def test_the_file_and_then_its_directory_are_brought_to_the_disk(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        brought.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    (workspace.root / "f").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", note)
    write(workspace, "f", b"new", digest(b"old"))
    assert brought == ["file", "directory"]


def test_killed_at_any_moment_the_file_is_the_old_or_the_new_one(workspace: Workspace) -> None:
    old, new = b"o" * 3_000_000, b"n" * 3_000_000
    path = workspace.root / "f"
    path.write_bytes(old)
    script = (
        "import sys; from pathlib import Path\n"
        "from vtcode_tui.workspace.files import write_atomic\n"
        "from vtcode_tui.workspace.root import Workspace\n"
        "w = Workspace(Path(sys.argv[1])); print('ready', flush=True)\n"
        "while True:\n"
        "    for letter in (b'n', b'o'):\n"
        "        write_atomic(w, w.resolve('f'), letter * 3_000_000, None)\n"
    )
    for _ in range(5):
        words = [sys.executable, "-c", script, str(workspace.root)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            program.stdout.readline()
            before = path.stat().st_ino
            while path.stat().st_ino == before:
                pass
            program.kill()
        assert path.read_bytes() in (old, new)


@pytest.mark.parametrize("has_other_names", [False, True])
def test_what_reads_back_as_something_else_does_not_count(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, has_other_names: bool
) -> None:
    if has_other_names:
        hard_linked(workspace, b"old")
    else:
        (workspace.root / "f").write_bytes(b"old")
    real = os.write
    is_first = True

    def write_wrongly(descriptor: int, content: bytes) -> int:
        nonlocal is_first
        wrong, is_first = is_first, False
        return real(descriptor, bytes(content).replace(b"n", b"m") if wrong else content)

    monkeypatch.setattr(os, "write", write_wrongly)
    with pytest.raises(WorkspaceError, match="reads back"):
        write(workspace, "f", b"new", digest(b"old"))
    assert (workspace.root / "f").read_bytes() == b"old"
    assert names(workspace) == ["f"]


def test_on_a_full_disk_the_old_file_is_whole(workspace: Workspace) -> None:
    """The real thing, as far as it can be had without mounting one: a limit on the size of files."""
    (workspace.root / "f").write_bytes(b"old")
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from vtcode_tui.errors import WorkspaceError\n"
        "from vtcode_tui.workspace.files import digest, write_atomic\n"
        "from vtcode_tui.workspace.root import Workspace\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "w = Workspace(Path(sys.argv[1]))\n"
        "try: write_atomic(w, w.resolve('f'), b'n' * 100_000, digest(b'old'))\n"
        "except WorkspaceError as error: print(error)\n"
    )
    words = [sys.executable, "-c", script, str(workspace.root)]
    output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "File too large" in output
    assert (workspace.root / "f").read_bytes() == b"old"
    assert names(workspace) == ["f"]


def test_what_killed_writes_left_is_swept_and_nothing_else(workspace: Workspace) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    (workspace.root / "d").mkdir()
    left = [f".vtcode-{gone.pid}-0123456789ab.tmp", f"d/.vtcode-{gone.pid}-ffffffffffff.tmp"]
    kept = [
        f".vtcode-{os.getpid()}-0123456789ab.tmp",
        f".vtcode-{gone.pid}-0123456789ab.tmp.txt",
        f"x.vtcode-{gone.pid}-0123456789ab.tmp",
        ".vtcode-0-0123456789ab.tmp",
        "f.tmp",
    ]
    for name in (*left, *kept):
        (workspace.root / name).touch()
    held = workspace.root / f".vtcode-{gone.pid}-aaaaaaaaaaaa.tmp"
    link = workspace.root / f".vtcode-{gone.pid}-bbbbbbbbbbbb.tmp"
    link.symlink_to("f.tmp")
    with held.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert sweep(workspace, [(), ("d",), ("nowhere",)]) == len(left)
    assert names(workspace) == sorted([*kept, held.name, link.name, "d"])
    assert list((workspace.root / "d").iterdir()) == []


def test_a_write_that_was_killed_leaves_only_what_the_sweep_removes(workspace: Workspace) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from vtcode_tui.workspace import replacing\n"
        "from vtcode_tui.workspace.files import write_atomic\n"
        "from vtcode_tui.workspace.root import Workspace\n"
        "replacing.check_unchanged = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "w = Workspace(Path(sys.argv[1])); write_atomic(w, w.resolve('f'), b'new', None)\n"
    )
    (workspace.root / "f").write_bytes(b"old")
    subprocess.run([sys.executable, "-c", script, str(workspace.root)], check=False)
    assert len(names(workspace)) == 2
    assert sweep(workspace, [()]) == 1
    assert names(workspace) == ["f"]
    assert (workspace.root / "f").read_bytes() == b"old"
