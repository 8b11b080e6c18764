"""Reading and replacing files: what stays, what is refused, and that nothing is ever torn."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace import files, replacing
from vtcode_tui.workspace.files import (
    ABSENT,
    digest,
    missing_directories,
    read_bytes,
    read_if_exists,
    remove,
    remove_empty_directories,
    write_atomic,
)
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.temporary import sweep


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ws").mkdir()
    return Workspace(tmp_path / "ws")


def write(workspace: Workspace, path: str, content: bytes, expected: str | None = None) -> None:
    write_atomic(workspace, workspace.resolve(path), content, expected)


def names(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.root.iterdir())


def test_a_file_is_read_as_it_is(workspace: Workspace) -> None:
    (workspace.root / "f").write_bytes(b"\xef\xbb\xbfa\r\nb\0")
    assert read_bytes(workspace, workspace.resolve("f")) == b"\xef\xbb\xbfa\r\nb\0"


def test_a_missing_file_is_none_or_an_error_in_words(workspace: Workspace) -> None:
    assert read_if_exists(workspace, workspace.resolve("no/f")) is None
    with pytest.raises(WorkspaceError, match='There is no file "no/f"'):
        read_bytes(workspace, workspace.resolve("no/f"))


def test_a_root_that_was_deleted_is_told_also_where_another_has_its_name(
    workspace: Workspace,
) -> None:
    for _ in ("gone", "another"):
        shutil.rmtree(workspace.root, ignore_errors=True)
        with pytest.raises(WorkspaceError, match=r"the directory .* is gone") as caught:
            write(workspace, "a.txt", b"x")
        assert "--continue" in caught.value.advice
        workspace.root.mkdir()


def test_a_file_over_the_limit_is_refused_with_its_size(workspace: Workspace) -> None:
    (workspace.root / "f").write_bytes(b"x" * 11)
    with pytest.raises(WorkspaceError, match="11 bytes, the limit is 10"):
        read_bytes(workspace, workspace.resolve("f"), max_bytes=10)


def make_special(root: Path, kind: str) -> None:
    if kind == "FIFO":
        os.mkfifo(root / "x")
    elif kind == "directory":
        (root / "x").mkdir()
    elif kind == "device":
        os.mknod(root / "x", 0o20600, os.makedev(1, 3))
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.relpath(root / "x"))


@pytest.mark.parametrize("kind", ["FIFO", "directory", "socket", "device"])
def test_what_is_no_regular_file_is_refused_without_opening_it(
    workspace: Workspace, kind: str
) -> None:
    try:
        make_special(workspace.root, kind)
    except PermissionError:  # only root makes devices
        assert kind == "device"
        return
    path = workspace.resolve("x")
    with pytest.raises(WorkspaceError, match=kind):
        read_bytes(workspace, path)
    with pytest.raises(WorkspaceError, match=kind):
        write_atomic(workspace, path, b"x", None)


def test_a_fifo_that_took_the_place_of_a_file_does_not_block(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(workspace.root / "x")
    (workspace.root / "file").touch()
    looked_like = (workspace.root / "file").stat()
    monkeypatch.setattr(files, "status_of", lambda *_: looked_like)
    with pytest.raises(WorkspaceError, match="FIFO"):
        read_bytes(workspace, workspace.resolve("x"))


def test_a_new_file_gets_the_usual_mode_and_its_directories(workspace: Workspace) -> None:
    old = os.umask(0o027)
    try:
        write(workspace, "a/b/f", b"x", ABSENT)
    finally:
        os.umask(old)
    assert (workspace.root / "a/b/f").read_bytes() == b"x"
    assert (workspace.root / "a/b/f").stat().st_mode & 0o777 == 0o640


def test_mode_owner_and_attributes_of_a_replaced_file_stay(workspace: Workspace) -> None:
    path = workspace.root / "f"
    path.write_bytes(b"old")
    path.chmod(0o751)
    if os.geteuid() == 0:
        os.chown(path, 1234, 2345)
    before = path.stat()
    kept = []
    with contextlib.suppress(OSError):  # not every file system has attributes
        os.setxattr(path, "user.note", b"kept")
        kept = ["user.note"]
    write(workspace, "f", b"new", digest(b"old"))
    after = path.stat()
    assert path.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert os.listxattr(path) == kept
    assert names(workspace) == ["f"]


def test_a_link_inside_stays_a_link_and_its_target_is_written(workspace: Workspace) -> None:
    (workspace.root / "target").write_bytes(b"old")
    (workspace.root / "link").symlink_to("target")
    write(workspace, "link", b"new")
    assert (workspace.root / "link").is_symlink()
    assert (workspace.root / "target").read_bytes() == b"new"


def hard_linked(workspace: Workspace, content: bytes) -> Path:
    """A file beside the workspace that is also ``f`` in it."""
    elsewhere = workspace.root.parent / "elsewhere"
    elsewhere.write_bytes(content)
    os.link(elsewhere, workspace.root / "f")
    return elsewhere


@pytest.mark.parametrize("new", [b"new", b"", b"longer than it was"])
def test_a_file_with_other_names_stays_one_file(workspace: Workspace, new: bytes) -> None:
    elsewhere = hard_linked(workspace, b"old old")
    before = elsewhere.stat()
    write(workspace, "f", new, digest(b"old old"))
    assert elsewhere.read_bytes() == new
    after = elsewhere.stat()
    assert (after.st_ino, after.st_mode, after.st_nlink) == (before.st_ino, before.st_mode, 2)
    assert names(workspace) == ["f"]


def test_a_file_that_got_another_name_after_it_was_shown_is_not_written(
    workspace: Workspace,
) -> None:
    elsewhere = hard_linked(workspace, b"old")
    path = workspace.resolve("f")
    with pytest.raises(FileChanged):
        write_atomic(workspace, path, b"new", digest(b"old"), may_have_other_names=False)
    assert elsewhere.read_bytes() == b"old"


def test_a_hard_linked_file_that_is_not_the_one_shown_is_not_written(workspace: Workspace) -> None:
    elsewhere = hard_linked(workspace, b"mine")
    with pytest.raises(FileChanged):
        write(workspace, "f", b"new", digest(b"old"))
    assert elsewhere.read_bytes() == b"mine"


@pytest.mark.parametrize("call", ["write", "ftruncate", "fsync", "posix_fallocate"])
def test_when_a_write_in_place_fails_the_old_bytes_are_put_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    elsewhere = hard_linked(workspace, b"old")
    real = getattr(os, call)
    calls = 0

    def fail_once(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(os, call, fail_once)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        write(workspace, "f", b"new and longer", digest(b"old"))
    assert elsewhere.read_bytes() == b"old"


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


@pytest.mark.parametrize("path", [".git/config", ".git", "sub/.git/hooks/pre-commit", ".GIT/x"])
def test_git_metadata_is_never_written(workspace: Workspace, path: str) -> None:
    with pytest.raises(WorkspaceError, match="git's own"):
        write(workspace, path, b"x")
    assert names(workspace) == []


@pytest.mark.parametrize(
    ("mode", "words"), [(0o4755, "setuid"), (0o2755, "setgid"), (0o444, "read-only")]
)
def test_setuid_and_read_only_files_are_not_written(
    workspace: Workspace, mode: int, words: str
) -> None:
    (workspace.root / "f").write_bytes(b"old")
    (workspace.root / "f").chmod(mode)
    with pytest.raises(WorkspaceError, match=words):
        write(workspace, "f", b"new")
    assert (workspace.root / "f").read_bytes() == b"old"


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


def test_a_file_is_removed_only_if_it_is_the_one_shown(workspace: Workspace) -> None:
    (workspace.root / "f").write_bytes(b"mine")
    path = workspace.resolve("f")
    with pytest.raises(FileChanged):
        remove(workspace, path, digest(b"old"))
    assert (workspace.root / "f").read_bytes() == b"mine"
    remove(workspace, path, digest(b"mine"))
    assert names(workspace) == []
    with pytest.raises(WorkspaceError):
        remove(workspace, path, digest(b"mine"))


def test_only_empty_directories_are_removed(workspace: Workspace) -> None:
    (workspace.root / "a" / "b" / "c").mkdir(parents=True)
    (workspace.root / "a" / "f").touch()
    missing = missing_directories(workspace, workspace.root / "a" / "x" / "y" / "f")
    assert set(missing) == {("a", "x"), ("a", "x", "y")}
    remove_empty_directories(workspace, [("a",), ("a", "b"), ("a", "b", "c"), ("a", "no")])
    assert [path.name for path in (workspace.root / "a").iterdir()] == ["f"]


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
