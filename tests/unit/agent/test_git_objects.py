"""The kinds of objects in real repositories, against git itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.permissions.folder import Folder, make_folder, run_git
from vtcode_tui.agent.git_objects import kinds_of
from vtcode_tui.agent.path_oracle import WorkspaceOracle
from vtcode_tui.permissions.commands import rule_on_command
from vtcode_tui.permissions.reading import READING_COMMANDS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Many versions of one long file, so that packing makes differences of them."""
    folder = make_folder(tmp_path_factory.mktemp("objects"), tracks_secret=True)
    for number in range(12):
        text = "".join(f"line {line} of {number if line == 7 else 'all'}\n" for line in range(400))
        (folder.workspace / "long.txt").write_text(text)
        run_git(folder, "add", "long.txt")
        run_git(folder, "commit", "-qm", f"version {number}")
    run_git(folder, "tag", "-m", "a tag", "v1")
    run_git(folder, "rm", "-q", "--cached", ".env")
    run_git(folder, "commit", "-qm", "without the secret")
    return folder


def objects_of(folder: Folder) -> dict[str, str]:
    listed = run_git(folder, "cat-file", "--batch-all-objects", "--batch-check")
    return {line.split()[0]: line.split()[1] for line in listed.splitlines()}


@pytest.mark.parametrize("packing", ["loose", "offsets", "names"])
def test_each_object_is_what_git_says(folder: Folder, packing: str) -> None:
    if packing != "loose":
        by_offset = "true" if packing == "offsets" else "false"
        run_git(folder, "-c", f"repack.useDeltaBaseOffset={by_offset}", "repack", "-adfq")
        run_git(folder, "prune-packed")
    metadata = folder.workspace / ".git"
    objects = objects_of(folder)
    assert set(objects.values()) == {"commit", "tree", "blob", "tag"}
    for number, kind in objects.items():
        assert kinds_of(metadata, number) == {kind}
        for length in (4, 7, 11):
            begun = {each for other, each in objects.items() if other.startswith(number[:length])}
            assert kinds_of(metadata, number[:length]) == begun


def decision(folder: Folder, command: str) -> str:
    oracle = WorkspaceOracle(folder.workspace)
    return rule_on_command(
        command, allow_list=READING_COMMANDS, deny_list=(), paths=oracle
    ).decision


def test_the_number_of_a_content_asks_and_that_of_a_commit_does_not(folder: Folder) -> None:
    secret = run_git(folder, "rev-parse", "HEAD~1:.env").strip()
    commit = run_git(folder, "rev-parse", "HEAD").strip()
    shapes = (
        "git show {}",
        "git diff {} HEAD",
        "git grep KEY {}",
        "git show x-3-g{}",
        "git log -p ^{}",
    )
    for shape in shapes:
        for length in (40, 10):
            assert decision(folder, shape.format(secret[:length])) == "prompt", shape
            assert decision(folder, shape.format(secret[:length].upper())) == "prompt", shape
            assert decision(folder, shape.format(commit[:length])) == "allow", shape
    assert decision(folder, f"git show {commit}~1") == "allow"
    assert decision(folder, f"git diff {commit[:8]}..HEAD") == "allow"
    assert decision(folder, f"git diff {secret[:8]}..HEAD") == "prompt"


def test_what_is_not_there_or_cannot_be_read_is_no_commit(tmp_path: Path) -> None:
    assert kinds_of(tmp_path, "abcd") == frozenset()
    pack = tmp_path / "objects" / "pack"
    pack.mkdir(parents=True)
    (pack / "a.idx").write_bytes(b"")
    (pack / "a.pack").write_bytes(b"")
    assert kinds_of(tmp_path, "abcd") == {"?"}


@given(st.binary(max_size=2000), st.binary(max_size=200))
def test_any_bytes_get_an_answer(index: bytes, rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        pack = Path(name) / "objects" / "pack"
        (Path(name) / "objects" / "ab").mkdir(parents=True)
        pack.mkdir()
        (Path(name) / "objects" / "ab" / "cdef").write_bytes(rest)
        (pack / "a.idx").write_bytes(b"\xfftOc\0\0\0\x02" + index)
        (pack / "a.pack").write_bytes(rest)
        assert isinstance(kinds_of(Path(name), "abcd"), frozenset)
