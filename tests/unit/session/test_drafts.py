from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from vtcode_tui.conversation.prompts import Attachment, AttachmentKind, UserInput
from vtcode_tui.session.drafts import DraftStore
from vtcode_tui.session.unsent import Draft, Fold, LeftOver, Waiting

DRAFT = Draft("look at [Pasted text 1, 12 lines]", (Fold("[Pasted text 1, 12 lines]", "a\nb"),))
WAITING = Waiting(
    (UserInput("then this", (Attachment(AttachmentKind.FILE, "a.py", "x"),)),),
    (Attachment(AttachmentKind.OUTPUT, "git diff", "+x", note="exit 0"),),
)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "state", tmp_path / "project"


def test_what_a_killed_app_wrote_is_offered_once(place: tuple[Path, Path]) -> None:
    state, project = place
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from vtcode_tui.session.drafts import DraftStore, Draft;"
        "store = DraftStore(Path(sys.argv[1]), Path(sys.argv[2]));"
        "store.save_draft(Draft('unsent words'));"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, state, project], check=False)
    assert done.returncode == -signal.SIGKILL
    store = DraftStore(state, project)
    assert store.take_over() == (LeftOver(Draft("unsent words"), Waiting()),)
    store.save_draft(Draft("unsent words"))
    store.forget_taken()
    assert DraftStore(state, project).take_over() == ()
    store.close()
    assert DraftStore(state, project).take_over() == (LeftOver(Draft("unsent words"), Waiting()),)


def test_folds_queue_and_attachments_come_back(place: tuple[Path, Path]) -> None:
    store = DraftStore(*place)
    store.save_draft(DRAFT)
    store.save_waiting(WAITING)
    assert DraftStore(*place).take_over() == (), "a running app keeps what is its own"
    store.close()
    assert DraftStore(*place).take_over() == (LeftOver(DRAFT, WAITING),)


def test_until_it_is_forgotten_it_stays(place: tuple[Path, Path]) -> None:
    first = DraftStore(*place)
    first.save_draft(DRAFT)
    first.close()
    assert DraftStore(*place).take_over() == DraftStore(*place).take_over() != ()


def test_nothing_is_left_where_nothing_was_unsent(place: tuple[Path, Path]) -> None:
    store = DraftStore(*place)
    store.save_draft(DRAFT)
    store.save_draft(Draft())
    store.close()
    directory = next((place[0] / "drafts").iterdir())
    assert list(directory.iterdir()) == []


def test_files_are_the_users_alone(place: tuple[Path, Path]) -> None:
    before = os.umask(0)
    try:
        DraftStore(*place).save_draft(DRAFT)
    finally:
        os.umask(before)
    directory = next((place[0] / "drafts").iterdir())
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_a_damaged_file_is_left_alone_and_costs_nothing_else(place: tuple[Path, Path]) -> None:
    for draft in (Draft("one"), Draft("two")):
        store = DraftStore(*place)
        store.save_draft(draft)
        store.close()
    directory = next((place[0] / "drafts").iterdir())
    damaged = next(directory.glob("*.draft"))
    damaged.write_bytes(b'{"text": 5')
    store = DraftStore(*place)
    assert len(store.take_over()) == 1
    store.forget_taken()
    assert damaged.exists()


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    store = DraftStore(tmp_path / "state", tmp_path)
    store.save_draft(DRAFT)
    assert store.take_over() == ()
    store.close()
