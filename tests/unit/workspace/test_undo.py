"""Undo without git: bytes and modes come back, a user's own change never goes away."""

from __future__ import annotations

import fcntl
import json
import os
import random
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace import putting_back
from vtcode_tui.workspace.files import digest, read_if_exists, remove, write_atomic
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.putting_back import (
    CHANGED_BETWEEN,
    CHANGED_SINCE,
    NOT_KEPT,
    NOT_OPEN,
    Conflict,
    UndoReport,
)
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.undo import UndoLog
from vtcode_tui.workspace.undo_journal import fold, read_changes
from vtcode_tui.workspace.undo_store import Record, UndoStore


@dataclass
class Project:
    """A workspace with its undo log, and a tool that writes in turns."""

    base: Path
    limit_bytes: int = 200_000_000
    max_changes: int = 10_000
    gate: Gate = field(init=False)
    log: UndoLog = field(init=False)
    turn: int = 0

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.start()

    @property
    def root(self) -> Path:
        return self.base / "ws"

    @property
    def state(self) -> Path:
        return self.base / "state"

    def start(self) -> None:
        """A new run of the program."""
        self.gate = Gate(Workspace(self.root))
        self.log = UndoLog(
            self.state,
            self.gate.workspace,
            self.gate.root_of,
            limit_bytes=self.limit_bytes,
            max_changes=self.max_changes,
        )
        self.turn = 0

    def begin(self) -> None:
        self.turn += 1
        self.log.begin_turn(self.turn)

    def write(self, path: str, content: bytes) -> None:
        place = self.gate.to_write(path)
        before = read_if_exists(place.root, place.path)
        self.log.record(place.path, before, content)
        write_atomic(place.root, place.path, content, digest(before))

    def delete(self, path: str) -> None:
        place = self.gate.to_write(path)
        before = read_if_exists(place.root, place.path)
        self.log.record(place.path, before, None)
        remove(place.root, place.path, digest(before))

    def read(self, path: str) -> bytes | None:
        return (self.root / path).read_bytes() if (self.root / path).exists() else None

    def tree(self) -> dict[str, tuple[int, bytes | None]]:
        """Every path with its mode and its bytes."""
        return {
            str(path.relative_to(self.root)): (
                path.stat().st_mode,
                path.read_bytes() if path.is_file() else None,
            )
            for path in sorted(self.root.rglob("*"))
        }

    def files(self) -> dict[str, tuple[int, bytes | None]]:
        return {path: state for path, state in self.tree().items() if state[1] is not None}


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


def test_old_contents_are_for_the_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    for umask in (0o000, 0o077, 0o022):
        base = tmp_path / oct(umask)
        base.mkdir()
        old = os.umask(umask)
        try:
            project = Project(base)
            (project.root / "a").write_bytes(b"0")
            project.begin()
            project.write("a", b"1")
        finally:
            os.umask(old)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in project.state.rglob("*")}
        assert modes == {0o700, 0o600}


def test_a_journal_that_others_could_read_is_closed_to_them(project: Project) -> None:
    project.begin()
    project.write("a", b"1")
    (journal,) = project.state.rglob("journal.jsonl")
    journal.chmod(0o644)
    project.write("a", b"2")
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


def test_a_store_that_others_can_write_is_not_used(project: Project) -> None:
    project.begin()
    project.write("a", b"1")
    (store,) = (project.state / "undo").iterdir()
    store.chmod(0o770)
    with pytest.raises(WorkspaceError, match="old contents"):
        project.log.undo()
    project.write("b", b"1")
    (notice,) = project.log.take_notices()
    assert "b cannot be undone" in notice


def damaged(journal: bytes, how: str) -> bytes:
    lines = journal.splitlines(keepends=True)
    return {
        "cut": b"".join(lines[:-1]) + lines[-1][:20],
        "rubbish": b"\0\0\xff\n[1]\n{}\n" + journal,
        "CR LF": journal.replace(b"\n", b"\r\n"),
    }[how]


@pytest.mark.parametrize("how", ["cut", "rubbish", "CR LF"])
def test_a_damaged_journal_loses_only_what_is_damaged(project: Project, how: str) -> None:
    for content in (b"1", b"2"):
        project.begin()
        project.write("a", content)
    (journal,) = project.state.rglob("journal.jsonl")
    journal.write_bytes(damaged(journal.read_bytes(), how))
    if how == "cut":
        (project.root / "a").write_bytes(b"1")
        project.begin()
        project.write("a", b"3")
        project.log.undo()
        assert project.read("a") == b"1"
    else:
        project.log.undo()
        assert project.read("a") == b"1"
    project.log.undo()
    assert project.read("a") is None


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_an_old_content_that_is_damaged_is_never_put_back(project: Project, how: str) -> None:
    (project.root / "a").write_bytes(b"0")
    project.begin()
    project.write("a", b"1")
    (kept,) = (path for path in project.state.rglob("*") if path.name == digest(b"0"))
    if how == "gone":
        kept.unlink()
    else:
        kept.write_bytes(b"something else")
    assert project.log.undo().conflicts == (Conflict("a", NOT_KEPT),)
    assert project.read("a") == b"1"


def test_over_the_limit_the_oldest_turns_are_forgotten_and_it_is_said(tmp_path: Path) -> None:
    project = Project(tmp_path, limit_bytes=1000)
    for number in range(20):
        project.begin()
        project.write("a", bytes([number]) * 100)
    notices = project.log.take_notices()
    assert notices
    assert all("oldest turns can no longer be undone" in notice for notice in notices)
    kept = sum(path.stat().st_size for path in project.state.rglob("*") if len(path.name) == 64)
    assert kept <= 1000
    while project.log.undo().turn is not None:
        pass
    content = project.read("a")
    assert content is not None
    assert 0 < content[0] < 19


def test_the_number_of_changes_is_limited_too(tmp_path: Path) -> None:
    project = Project(tmp_path, max_changes=10)
    for number in range(30):
        project.begin()
        project.write(f"f{number}", b"x")
    (journal,) = project.state.rglob("journal.jsonl")
    assert len(journal.read_bytes().splitlines()) <= 10
    assert project.log.take_notices()


def test_one_turn_over_the_limit_loses_whole_files_and_undoes_the_rest(tmp_path: Path) -> None:
    project = Project(tmp_path, limit_bytes=1000)
    for name in "abc":
        (project.root / name).write_bytes(name.encode() * 400)
    project.begin()
    for content in (b"1", b"2"):
        for name in "abc":
            project.write(name, content)
    assert any("some of this turn" in notice for notice in project.log.take_notices())
    report = project.log.undo()
    assert report.conflicts == ()
    assert 0 < len(report.restored) < 3
    for name in report.restored:
        assert project.read(name) == name.encode() * 400


def test_two_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.workspace.test_undo import Project\n"
        "project = Project(Path(sys.argv[1]))\n"
        "for number in range(40):\n"
        "    project.begin(); project.write(f'{sys.argv[2]}/{number}', b'x')\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    programs = [subprocess.Popen([*words, name]) for name in "ab"]
    assert [program.wait() for program in programs] == [0, 0]
    project = Project(tmp_path)
    undone = 0
    while project.log.undo().turn is not None:
        undone += 1
    assert (undone, project.tree()) == (80, {})


def test_while_one_run_writes_the_store_another_waits(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def look(store: UndoStore) -> list[Record]:
        (lock,) = project.state.rglob("lock")
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(True)
        return records(store)

    records = UndoStore.records
    project.begin()
    monkeypatch.setattr(UndoStore, "records", look)
    project.write("a", b"1")
    project.log.undo()
    project.log.redo()
    assert len(held) == 3


def test_killed_at_any_moment_the_journal_can_be_read_and_undone(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.workspace.test_undo import Project\n"
        "project = Project(Path(sys.argv[1])); print('ready', flush=True)\n"
        "number = 0\n"
        "while True:\n"
        "    number += 1; project.begin(); project.write('a', b'%d' % number)\n"
    )
    project = Project(tmp_path)
    for _ in range(5):
        words = [sys.executable, "-c", script, str(tmp_path)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            program.stdout.readline()
            wait_for_growth(project)
            program.kill()
        project.start()
        assert project.log.undo().conflicts == ()


def wait_for_growth(project: Project) -> None:
    def size() -> int:
        return sum(path.stat().st_size for path in project.state.rglob("journal.jsonl"))

    before = size()
    while size() < before + 2000:
        pass


RECORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("kind", "group", "turn", "path", "before", "after", "directories", "batch"),
                RECORDS,
            ),
        )
    )
)
def test_any_journal_can_be_read(records: list[dict[str, object]]) -> None:
    fold(read_changes(records))


def test_a_path_that_leads_out_in_a_journal_is_not_followed(project: Project) -> None:
    (project.base / "out").write_bytes(b"1")
    project.begin()
    project.write("a", b"1")
    (journal,) = project.state.rglob("journal.jsonl")
    record = json.loads(journal.read_bytes())
    journal.write_text(json.dumps(record | {"path": "../out"}) + "\n")
    assert [conflict.path for conflict in project.log.undo().conflicts] == ["../out"]
    assert (project.base / "out").read_bytes() == b"1"
