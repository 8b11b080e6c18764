"""Reading and replacing files: what stays, what is refused, and that nothing is ever torn."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
from pathlib import Path

import pytest

from tests.unit.workspace.writing import hard_linked, names, write
from vtcode_tui.errors import FileChanged, WorkspaceError
from vtcode_tui.workspace import files
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


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ws").mkdir()
    return Workspace(tmp_path / "ws")


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
