"""Where old contents are kept: privately, within limits, and whole after damage, kills and two runs at once."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workspace.undo_project import Project
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.files import digest
from vtcode_tui.workspace.putting_back import (
    NOT_KEPT,
    Conflict,
)
from vtcode_tui.workspace.undo_journal import fold, read_changes
from vtcode_tui.workspace.undo_store import Record, UndoStore


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


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
        "from tests.unit.workspace.undo_project import Project\n"
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
        "from tests.unit.workspace.undo_project import Project\n"
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
