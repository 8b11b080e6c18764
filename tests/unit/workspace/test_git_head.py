"""The branch's name from the file that holds it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vtcode_tui.workspace.git_head import checked_out

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def repository(place: Path, head: str) -> Path:
    (place / ".git").mkdir(parents=True)
    (place / ".git" / "HEAD").write_text(head, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("ref: refs/heads/main\n", "main"),
        ("ref: refs/heads/fix/über-1\n", "fix/über-1"),
        (f"{COMMIT}\n", "01234567"),
        ("ref: refs/heads/a\x1b[31m\n", ""),
        ("ref: refs/heads/" + "x" * 900, ""),
        ("root:x:0:0\n", ""),
        ("", ""),
    ],
)
def test_head_names_a_branch_a_commit_or_nothing(tmp_path: Path, head: str, name: str) -> None:
    assert checked_out(repository(tmp_path, head)) == name


def test_a_directory_in_the_repository_is_on_its_branch(tmp_path: Path) -> None:
    below = repository(tmp_path, "ref: refs/heads/main\n") / "a" / "b"
    below.mkdir(parents=True)
    assert checked_out(below) == "main"


def test_a_work_tree_of_its_own_says_where_its_head_is(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "HEAD").write_text("ref: refs/heads/side\n", encoding="utf-8")
    tree = tmp_path / "tree"
    tree.mkdir()
    for gitdir in (str(real), "../real"):
        (tree / ".git").write_text(f"gitdir: {gitdir}\n", encoding="utf-8")
        assert checked_out(tree) == "side"


def test_no_repository_has_no_name(tmp_path: Path) -> None:
    assert checked_out(tmp_path / "nowhere") == ""


def test_a_fifo_does_not_hold_it_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert checked_out(tmp_path) == ""
    (tmp_path / ".git").unlink()
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git" / "HEAD")
    assert checked_out(tmp_path) == ""
