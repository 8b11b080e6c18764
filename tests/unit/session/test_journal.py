"""The file of a session: private, locked, whole lines only, and what happens without room."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.session.places import Faults, room_for
from vtcode_tui.errors import SessionError
from vtcode_tui.session.journal import Journal, Loaded, load
from vtcode_tui.session.records import scan, seal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "sessions" / "place-1" / "20260101-000000-0123abcd.jsonl"


def make(path: Path, faults: Faults | None = None, after: Loaded | None = None) -> Journal:
    return Journal(path, now=lambda: 5.0, on_fault=faults if faults is not None else Faults(), after=after)  # fmt: skip


def reopen(loaded: Loaded, faults: Faults | None = None) -> Journal:
    return Journal.reopened(loaded, now=lambda: 6.0, on_fault=faults if faults is not None else Faults())  # fmt: skip


def notes(path: Path) -> list[object]:
    scanned = scan(path.read_bytes())
    assert scanned.damaged == 0
    assert [record.seq for record in scanned.records] == list(range(len(scanned.records)))
    return [record.fields["text"] for record in scanned.records]


def write(path: Path, *texts: str) -> None:
    journal = make(path)
    for text in texts:
        journal.append("note", {"text": text})
    journal.close()


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_file_and_directories_are_private_whatever_the_umask(path: Path, mask: int) -> None:
    with umask(mask):
        write(path, "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for directory in path.parents[:3]:
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700, directory


def test_nothing_is_made_before_the_first_record(path: Path) -> None:
    make(path).close()
    assert not path.parent.exists()


def test_each_record_is_in_the_file_when_append_returns(path: Path) -> None:
    journal = make(path)
    for count in range(1, 4):
        journal.append("note", {"text": str(count)})
        assert len(scan(path.read_bytes()).records) == count
    journal.close()


def test_a_session_goes_on_where_it_was(path: Path) -> None:
    write(path, "one", "two")
    loaded = load(path)
    assert loaded.is_locked
    journal = reopen(loaded)
    journal.append("note", {"text": "three"})
    journal.close()
    assert notes(path) == ["one", "two", "three"]


def test_only_one_has_it_for_writing_and_the_other_goes_on_in_a_copy(path: Path) -> None:
    first = make(path)
    first.append("note", {"text": "one"})
    loaded = load(path)
    assert not loaded.is_locked
    first.append("note", {"text": "only in the first"})
    copy = make(path.with_name("20260101-000000-deadbeef.jsonl"), after=loaded)
    copy.append("note", {"text": "only in the copy"})
    first.append("note", {"text": "last"})
    copy.close()
    first.close()
    assert notes(path) == ["one", "only in the first", "last"]
    assert notes(copy.path) == ["one", "only in the copy"]
    reloaded = load(path)
    assert reloaded.is_locked
    os.close(reloaded.descriptor)


def test_a_copy_is_made_although_the_first_is_deleted_meanwhile(path: Path) -> None:
    write(path, "one")
    loaded = load(path)
    path.unlink()
    copy = make(path.with_name("20260101-000000-deadbeef.jsonl"), after=loaded)
    copy.append("note", {"text": "two"})
    copy.close()
    assert notes(copy.path) == ["one", "two"]


def test_a_torn_end_is_set_aside_before_the_first_append_and_not_before(path: Path) -> None:
    write(path, "one")
    with path.open("ab") as file:
        file.write(b'{"crc":"00000000","seq":1,"t":5,"ty')
    torn = path.read_bytes()
    loaded = load(path)
    journal = reopen(loaded)
    assert path.read_bytes() == torn
    journal.append("note", {"text": "two"})
    journal.close()
    assert notes(path) == ["one", "two"]
    aside = Path(f"{path}.torn")
    assert aside.read_bytes() == b'{"crc":"00000000","seq":1,"t":5,"ty\n'
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


def test_a_last_record_that_only_lacks_its_line_feed_is_kept(path: Path) -> None:
    write(path, "one", "two")
    path.write_bytes(path.read_bytes()[:-1])
    journal = reopen(load(path))
    journal.append("note", {"text": "three"})
    journal.close()
    assert notes(path) == ["one", "two", "three"]
    assert not Path(f"{path}.torn").exists()


def test_nuls_at_the_end_are_set_aside(path: Path) -> None:
    write(path, "one")
    with path.open("ab") as file:
        file.write(b"\0" * 4096)
    journal = reopen(load(path))
    journal.append("note", {"text": "two"})
    journal.close()
    assert notes(path) == ["one", "two"]


def test_without_room_nothing_is_torn_or_lost_and_all_is_saved_later(path: Path) -> None:
    faults = Faults()
    journal = make(path, faults)
    journal.append("note", {"text": "one"})
    size = path.stat().st_size
    with room_for(size + 40):
        journal.append("note", {"text": "two"})
        assert journal.fault == "File too large"
        assert path.stat().st_size == size
        journal.append("note", {"text": "three"})
        journal.retry()
        assert path.stat().st_size == size
    journal.retry()
    journal.append("note", {"text": "four"})
    journal.close()
    assert faults == ["File too large", ""]
    records = scan(path.read_bytes()).records
    assert [r.fields["text"] for r in records] == ["one", "two", "three", "four"]


def test_a_directory_that_cannot_be_made_is_a_fault_and_tried_again(path: Path) -> None:
    blocking = path.parents[2]
    blocking.write_text("a file where the directory belongs")
    faults = Faults()
    journal = make(path, faults)
    journal.append("note", {"text": "one"})
    assert journal.fault
    blocking.unlink()
    journal.retry()
    journal.close()
    assert faults[-1] == ""
    assert notes(path) == ["one"]


def test_what_could_not_be_written_is_tried_once_more_at_the_end(path: Path) -> None:
    blocking = path.parents[2]
    blocking.write_text("a file where the directory belongs")
    journal = make(path)
    journal.append("note", {"text": "one"})
    journal.append("note", {"text": "two"})
    blocking.unlink()
    journal.close()
    assert notes(path) == ["one", "two"]


def test_a_file_that_was_deleted_is_told(path: Path) -> None:
    faults = Faults()
    journal = make(path, faults)
    journal.append("note", {"text": "one"})
    path.unlink()
    journal.retry()
    journal.close()
    assert faults == ["its file was deleted"]


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_refused(path: Path, mode: int) -> None:
    write(path, "one")
    path.chmod(mode)
    with pytest.raises(SessionError, match="cannot be relied on"):
        load(path)


def test_a_directory_that_others_may_write_is_a_fault(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o777)
    journal = make(path)
    journal.append("note", {"text": "one"})
    assert "Other users may write" in journal.fault
    journal.close()
    assert list(path.parent.iterdir()) == []


def test_a_file_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, "one")
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    with pytest.raises(SessionError, match="cannot be relied on"):
        load(path)


def test_links_directories_and_pipes_are_no_sessions(path: Path) -> None:
    write(path, "one")
    link = path.with_name("20260101-000000-11111111.jsonl")
    link.symlink_to(path)
    pipe = path.with_name("20260101-000000-22222222.jsonl")
    os.mkfifo(pipe, 0o600)
    for other in (link, pipe, path.parent, path.with_name("missing.jsonl")):
        with pytest.raises(SessionError):
            load(other)


def test_sync_tells_what_is_still_to_come(path: Path) -> None:
    journal = make(path)
    told = [journal.has_unsynced]
    journal.append("note", {"text": "one"})
    told.append(journal.has_unsynced)
    assert journal.sync() == ""
    assert [*told, journal.has_unsynced] == [False, True, False]
    journal.close()


def test_a_record_of_any_size_is_one_line(path: Path) -> None:
    write(path, "x" * 3_000_000, "\n" * 1000)
    assert path.read_bytes().count(b"\n") == 2
    assert path.read_bytes().startswith(seal(0, 5.0, "note", {"text": "x"})[:8])
