"""Texts that an editor gets as files: private, and removed when they were left behind."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vtcode_tui.workspace.lent_files import KEPT_S, LentText, sweep_lent

LEND = """
import os, sys
from pathlib import Path
from vtcode_tui.workspace.lent_files import LentText
print(LentText(Path(sys.argv[1]), "mine").path, flush=True)
os.kill(os.getpid(), 9)
"""


def left_by_a_killed_run(state_dir: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", LEND, str(state_dir)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == -9, done.stderr
    return Path(done.stdout.strip())


def late(path: Path) -> float:
    return path.stat().st_mtime + KEPT_S + 1


def test_a_lent_text_is_private_and_gone_when_it_is_taken_back(tmp_path: Path) -> None:
    for umask in (0o777, 0):
        before = os.umask(umask)
        lent = LentText(tmp_path / "state", "é\ud800")
        os.umask(before)
        assert stat.S_IMODE(lent.path.stat().st_mode) == 0o600
        lent.take_back()
    lent = LentText(tmp_path / "state", "é\ud800")
    assert stat.S_IMODE(lent.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(lent.path.parent.stat().st_mode) == 0o700
    assert lent.path.read_bytes() == "é?\n".encode()
    lent.path.write_text("edited\n")
    assert lent.text() == "edited"
    lent.take_back()
    assert not lent.path.exists()


def test_what_a_killed_run_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    path = left_by_a_killed_run(tmp_path)
    swap = path.with_name(f".{path.name}.swp")
    swap.write_text("an editor's own copy")
    other = path.with_name("notes.md")
    other.write_text("somebody else's")
    assert sweep_lent(tmp_path, late(path) - 2) == 0
    assert sweep_lent(tmp_path, late(swap)) == 2
    assert sorted(path.parent.iterdir()) == [other]


def test_what_a_running_app_lent_stays_however_old_it_is(tmp_path: Path) -> None:
    lent = LentText(tmp_path, "x")
    assert sweep_lent(tmp_path, late(lent.path)) == 0
    saved = lent.path.with_name("saved")
    saved.write_text("as editors save: another file in its place, without a lock")
    saved.replace(lent.path)
    assert sweep_lent(tmp_path, late(lent.path)) == 0
    lent.take_back()


def test_what_an_app_holds_whose_process_is_not_seen_from_here_stays(tmp_path: Path) -> None:
    path = left_by_a_killed_run(tmp_path)
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert sweep_lent(tmp_path, late(path)) == 0
    assert sweep_lent(tmp_path, late(path)) == 1


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_what_is_no_file_stays(tmp_path: Path, kind: str) -> None:
    path = left_by_a_killed_run(tmp_path)
    when = late(path)
    path.unlink()
    target = tmp_path / "target"
    target.write_text("not to be touched")
    match kind:
        case "link":
            path.symlink_to(target)
        case "fifo":
            os.mkfifo(path)
        case _:
            path.mkdir()
    assert sweep_lent(tmp_path, when) == 0
    assert os.path.lexists(path)


def test_there_may_be_nothing_to_sweep(tmp_path: Path) -> None:
    assert sweep_lent(tmp_path / "none", 0) == 0
