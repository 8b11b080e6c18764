"""What the command rules are told about a workspace, from real files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.permissions.corpus import Record, read_corpus
from tests.unit.permissions.folder import make_folder
from vtcode_tui.agent import path_oracle
from vtcode_tui.agent.path_oracle import WorkspaceOracle
from vtcode_tui.permissions.oracle import PathKind, PathOracle

RECORDS = read_corpus()


@pytest.fixture(scope="module")
def corpus_oracle(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceOracle:
    return WorkspaceOracle(make_folder(tmp_path_factory.mktemp("oracle")).workspace)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.identity)
def test_hostile_commands_get_an_admitted_ruling_from_the_real_answers(
    record: Record, corpus_oracle: WorkspaceOracle
) -> None:
    ruling = record.ruling(corpus_oracle)
    assert record.admits(ruling.decision), ruling


def test_it_is_what_the_rules_ask_for(tmp_path: Path) -> None:
    oracle: PathOracle = WorkspaceOracle(tmp_path)
    assert oracle.kind(".") is PathKind.DIRECTORY


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("a")
    (root / ".env").write_text("KEY=1")
    (tmp_path / "outside.txt").write_text("x")
    (root / "out").symlink_to(tmp_path / "outside.txt")
    (root / "in").symlink_to("src/a.py")
    (root / "dangling").symlink_to("nowhere")
    (root / "secretly").symlink_to(".env")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "fifo")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]\n\tbare = false\n")
    return root


KINDS = {
    "src/a.py": PathKind.FILE,
    "./src/../src/a.py": PathKind.FILE,
    "in": PathKind.FILE,
    "src": PathKind.DIRECTORY,
    ".": PathKind.DIRECTORY,
    "new.txt": PathKind.ABSENT,
    "src/new": PathKind.ABSENT,
    "HEAD~2": PathKind.ABSENT,
    ".env": PathKind.CLOSED,
    "secretly": PathKind.CLOSED,
    "out": PathKind.CLOSED,
    "..": PathKind.CLOSED,
    "../outside.txt": PathKind.CLOSED,
    "/etc/passwd": PathKind.CLOSED,
    "/": PathKind.CLOSED,
    ".git": PathKind.CLOSED,
    ".git/config": PathKind.CLOSED,
    ".GIT/config": PathKind.CLOSED,
    "src/../.git/HEAD": PathKind.CLOSED,
    "fifo": PathKind.CLOSED,
    "loop": PathKind.CLOSED,
    "": PathKind.CLOSED,
    "a\0b": PathKind.CLOSED,
    "x" * 5000: PathKind.CLOSED,
    "\ud800": PathKind.CLOSED,
    "~/.ssh": PathKind.CLOSED,
    "src/a.py/x": PathKind.ABSENT,
}


@pytest.mark.parametrize(("path", "kind"), KINDS.items(), ids=lambda value: repr(value)[:30])
def test_each_path_is_of_its_kind(root: Path, path: str, kind: PathKind) -> None:
    assert WorkspaceOracle(root).kind(path) is kind


def test_a_dangling_link_is_there(root: Path) -> None:
    assert WorkspaceOracle(root).kind("dangling") is PathKind.CLOSED


def test_an_absolute_path_inside_is_inside(root: Path) -> None:
    assert WorkspaceOracle(root).kind(str(root / "src" / "a.py")) is PathKind.FILE


def test_secrets_anywhere_below_are_found(root: Path) -> None:
    oracle = WorkspaceOracle(root)
    assert oracle.has_secrets(".")
    assert not oracle.has_secrets("src")
    (root / "src" / "deep").mkdir()
    (root / "src" / "deep" / "server.pem").touch()
    assert oracle.has_secrets("src")


def test_a_password_in_the_configuration_of_git_is_a_secret(root: Path) -> None:
    (root / ".env").unlink()
    assert not WorkspaceOracle(root).has_secrets(".")
    with (root / ".git" / "config").open("a") as config:
        config.write('[remote "origin"]\n\turl = https://me:word@example.org/x\n')
    assert WorkspaceOracle(root).has_secrets(".")


def test_more_files_than_can_be_looked_at_count_as_secrets(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(path_oracle, "MAX_FILES", 10)
    for number in range(11):
        (root / "src" / f"{number}.txt").touch()
    assert WorkspaceOracle(root).has_secrets("src")


def git(directory: Path, *arguments: str) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.invalid"]
    subprocess.run(
        ["/usr/bin/git", *who, *arguments], cwd=directory, check=True, capture_output=True
    )


def test_a_plain_repository_is_plain_and_one_that_starts_programs_is_not(root: Path) -> None:
    oracle = WorkspaceOracle(root)
    assert oracle.git_is_plain()
    with (root / ".git" / "config").open("a") as config:
        config.write("\tfsmonitor = ./evil\n")
    assert not oracle.git_is_plain()


def test_no_repository_is_plain_and_one_around_the_workspace_is_not(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "inner"
    inner.mkdir(parents=True)
    (inner.parent / ".git").mkdir()
    assert WorkspaceOracle(inner).git_is_plain()
    git(inner.parent, "init", "-q")
    assert not WorkspaceOracle(inner).git_is_plain()


@pytest.mark.parametrize("odd", ["commondir", "modules", "objects/info/alternates"])
def test_what_goes_by_other_files_is_not_plain(root: Path, odd: str) -> None:
    (root / ".git" / odd).parent.mkdir(parents=True, exist_ok=True)
    (root / ".git" / odd).touch()
    assert not WorkspaceOracle(root).git_is_plain()


@pytest.mark.parametrize("part", ["objects", "refs", "HEAD", "packed-refs", "objects/pack"])
def test_a_repository_with_a_part_of_another_one_is_not_plain(root: Path, part: str) -> None:
    (root / ".git" / part).parent.mkdir(parents=True, exist_ok=True)
    (root / ".git" / part).symlink_to(root.parent / "another" / part)
    assert not WorkspaceOracle(root).git_is_plain()


def test_a_file_or_a_link_in_place_of_the_metadata_is_not_plain(tmp_path: Path) -> None:
    for name in ("file", "link"):
        (tmp_path / name).mkdir()
    (tmp_path / "file" / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / "link" / ".git").symlink_to(tmp_path)
    assert not WorkspaceOracle(tmp_path / "file").git_is_plain()
    assert not WorkspaceOracle(tmp_path / "link").git_is_plain()


def test_a_repository_within_that_git_would_enter_is_not_plain(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    for directory in (tmp_path, inner):
        git(directory, "init", "-q")
    (inner / "a").touch()
    git(inner, "add", "a")
    git(inner, "commit", "-qm", "x")
    assert WorkspaceOracle(tmp_path).git_is_plain()
    git(tmp_path, "add", "inner")
    assert not WorkspaceOracle(tmp_path).git_is_plain()


def test_tracked_secrets_are_found_and_an_index_that_cannot_be_read_counts_as_one(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "-q")
    oracle = WorkspaceOracle(tmp_path)
    assert not oracle.tracks_secrets()
    (tmp_path / "a.txt").touch()
    git(tmp_path, "add", ".")
    assert not oracle.tracks_secrets()
    (tmp_path / "id_rsa").touch()
    git(tmp_path, "add", ".")
    assert oracle.tracks_secrets()
    (tmp_path / ".git" / "index").write_bytes(b"DIRC broken")
    assert oracle.tracks_secrets()
