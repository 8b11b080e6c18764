"""Undo without git: bytes and modes come back, a user's own change never goes away."""

from __future__ import annotations

import random
import stat
from pathlib import Path

import pytest

from tests.unit.workspace.undo_project import Project
from vtcode_tui.workspace import putting_back
from vtcode_tui.workspace.files import read_if_exists
from vtcode_tui.workspace.putting_back import (
    CHANGED_BETWEEN,
    CHANGED_SINCE,
    NOT_OPEN,
    Conflict,
    UndoReport,
)
from vtcode_tui.workspace.root import Workspace


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_without_a_write_there_is_nothing_to_undo_or_redo(project: Project) -> None:
    assert project.log.undo() == project.log.redo() == UndoReport()


def test_the_files_of_the_last_turn_come_back_and_no_others(project: Project) -> None:
    (project.root / "a").write_bytes(b"a0")
    project.begin()
    project.write("a", b"a1")
    project.begin()
    project.write("b", b"b1")
    project.write("a", b"a2")
    project.write("a", b"a3")
    report = project.log.undo()
    assert (report.turn, report.restored, report.removed) == (2, ("a",), ("b",))
    assert (project.read("a"), project.read("b")) == (b"a1", None)
    assert project.log.undo().turn == 1
    assert project.read("a") == b"a0"
    assert project.log.undo() == UndoReport()


def test_a_turn_that_wrote_nothing_is_no_turn_to_undo(project: Project) -> None:
    project.begin()
    project.write("a", b"1")
    project.begin()
    assert project.log.undo().turn == 1


def test_undoing_can_be_undone_step_by_step(project: Project) -> None:
    for content in (b"1", b"2", b"3"):
        project.begin()
        project.write("d/a", content)
    seen = []
    for _ in range(3):
        project.log.undo()
        seen.append(project.read("d/a"))
    assert seen == [b"2", b"1", None]
    assert not (project.root / "d").exists()
    for content in (b"1", b"2", b"3"):
        assert project.log.redo().restored == ("d/a",)
        assert project.read("d/a") == content
    assert project.log.redo() == UndoReport()
    project.log.undo()
    assert project.read("d/a") == b"2"


def test_after_a_new_write_an_older_undo_cannot_be_taken_back(project: Project) -> None:
    project.begin()
    project.write("a", b"1")
    project.log.undo()
    project.begin()
    project.write("b", b"1")
    assert project.log.redo() == UndoReport()


def test_it_survives_a_restart(project: Project) -> None:
    (project.root / "a").write_bytes(b"old")
    project.begin()
    project.write("a", b"new")
    project.start()
    report = project.log.undo()
    assert (report.turn, report.is_earlier_run, project.read("a")) == (1, True, b"old")
    project.start()
    assert project.log.redo().restored == ("a",)
    assert project.read("a") == b"new"


def test_turns_of_two_runs_with_one_number_are_two_turns(project: Project) -> None:
    project.begin()
    project.write("a", b"1")
    project.start()
    project.begin()
    project.write("b", b"2")
    assert project.log.undo().removed == ("b",)
    assert project.log.undo().is_earlier_run


@pytest.mark.parametrize(
    "how", ["changed", "removed", "replaced by a link", "replaced by a directory"]
)
def test_a_file_that_the_user_changed_since_is_left_alone(project: Project, how: str) -> None:
    (project.root / "other").write_bytes(b"0")
    project.begin()
    project.write("a", b"1")
    project.write("other", b"1")
    path = project.root / "a"
    path.unlink()
    if how == "changed":
        path.write_bytes(b"mine")
    elif how == "replaced by a link":
        path.symlink_to("other")
    elif how == "replaced by a directory":
        path.mkdir()
    report = project.log.undo()
    assert report.restored == ("other",)
    assert [conflict.path for conflict in report.conflicts] == ([] if how == "removed" else ["a"])
    if how == "changed":
        assert project.read("a") == b"mine"
        assert report.conflicts == (Conflict("a", CHANGED_SINCE),)


def test_a_file_that_the_user_changed_between_two_edits_of_a_turn_is_left_alone(
    project: Project,
) -> None:
    (project.root / "a").write_bytes(b"0")
    project.begin()
    project.write("a", b"1")
    (project.root / "a").write_bytes(b"mine")
    project.write("a", b"mine, edited")
    report = project.log.undo()
    assert report.conflicts == (Conflict("a", CHANGED_BETWEEN),)
    assert project.read("a") == b"mine, edited"


def test_a_conflict_keeps_its_turn_the_last_until_it_is_skipped(project: Project) -> None:
    project.begin()
    project.write("a", b"1")
    project.begin()
    project.write("b", b"1")
    (project.root / "b").write_bytes(b"mine")
    for _ in range(2):
        assert project.log.undo().conflicts == (Conflict("b", CHANGED_SINCE),)
    assert project.log.undo("skip").skipped == ("b",)
    assert project.read("b") == b"mine"
    assert project.log.undo().removed == ("a",)


def test_by_force_the_old_content_comes_back_and_the_users_is_kept(project: Project) -> None:
    (project.root / "a").write_bytes(b"0")
    project.begin()
    project.write("a", b"1")
    (project.root / "a").write_bytes(b"mine")
    assert project.log.undo("force").restored == ("a",)
    assert project.read("a") == b"0"
    assert project.log.redo().restored == ("a",)
    assert project.read("a") == b"mine"


def test_a_change_at_the_last_moment_is_a_conflict_too(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "a").write_bytes(b"0")
    project.begin()
    project.write("a", b"1")

    def then_change(root: Workspace, path: Path) -> bytes | None:
        content = read_if_exists(root, path)
        path.write_bytes(b"mine")
        return content

    monkeypatch.setattr(putting_back, "read_if_exists", then_change)
    assert project.log.undo().conflicts == (Conflict("a", CHANGED_SINCE),)
    assert project.read("a") == b"mine"


def test_a_mode_that_the_user_set_since_is_the_users(project: Project) -> None:
    path = project.root / "a"
    path.write_bytes(b"0")
    path.chmod(0o755)
    project.begin()
    project.write("a", b"1")
    path.chmod(0o600)
    project.log.undo()
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"0", 0o600)


def test_a_removed_file_comes_back_with_its_mode(project: Project) -> None:
    path = project.root / "a"
    path.write_bytes(b"\xef\xbb\xbf0\r\n")
    path.chmod(0o711)
    before = project.tree()
    project.begin()
    project.delete("a")
    project.log.undo()
    assert project.tree() == before
    project.log.redo()
    assert project.tree() == {}


def test_a_write_that_was_recorded_but_never_made_needs_nothing(project: Project) -> None:
    (project.root / "a").write_bytes(b"0")
    project.begin()
    project.log.record(project.root / "a", b"0", b"1")
    report = project.log.undo()
    assert (report.turn, report.restored, report.conflicts) == (1, (), ())
    assert project.read("a") == b"0"


def test_an_added_directory_is_covered_while_it_is_open(project: Project) -> None:
    other = project.base / "other"
    other.mkdir()
    project.gate.add_directory(other)
    project.begin()
    project.write(f"{other}/a", b"1")
    project.start()
    assert project.log.undo().conflicts == (Conflict(f"{other}/a", NOT_OPEN),)
    project.gate.add_directory(other)
    assert project.log.undo().removed == (f"{other}/a",)


CONTENTS = [
    b"", b"x", b"a\r\nb\nc\r", b"\xef\xbb\xbftext\n", b"\x00\xff\xfe binary", b"no newline at end",
    "ä\u2028ü".encode("latin-1", "replace"), b"\n", b"x" * 70_000,
]  # fmt: skip


PATHS = ["a", "b.txt", "d/a", "d/e/f", "ü/x"]


@pytest.mark.parametrize("seed", range(100))
def test_any_sequence_of_changes_is_undone_to_the_byte_and_the_mode(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    project = Project(tmp_path)
    for path in chance.sample(PATHS, 3):
        (project.root / path).parent.mkdir(parents=True, exist_ok=True)
        (project.root / path).write_bytes(chance.choice(CONTENTS))
        (project.root / path).chmod(chance.choice([0o644, 0o600, 0o755, 0o711]))
    states = [project.tree()]
    for _ in range(chance.randrange(1, 6)):
        if chance.random() < 0.2:
            project.start()
        project.begin()
        for _ in range(chance.randrange(1, 5)):
            change(project, chance)
        states.append(project.tree())
    after = states[-1]
    distinct = list(dict.fromkeys(map(repr, states)))
    undone = 0
    while (report := project.log.undo()).turn is not None:
        assert report.conflicts == ()
        assert repr(project.tree()) in distinct
        undone += 1
    assert project.tree() == states[0]
    for _ in range(undone):
        assert project.log.redo().conflicts == ()
    assert project.files() == {path: state for path, state in after.items() if state[1] is not None}


def change(project: Project, chance: random.Random) -> None:
    """Write, make or remove a file, or change its mode, each recorded before it is done."""
    path = chance.choice(PATHS)
    old = project.read(path)
    kind = chance.choice(["write", "write", "delete", "chmod"])
    if kind == "delete" and old is not None:
        project.delete(path)
    elif kind == "chmod" and old is not None:
        place = project.gate.to_write(path)
        project.log.record(place.path, old, old, mode_after=(mode := chance.choice([0o640, 0o700])))
        place.path.chmod(mode)
    else:
        project.write(path, chance.choice(CONTENTS))
