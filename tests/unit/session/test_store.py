"""Finding, listing, naming and deleting sessions."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from tests.unit.session.places import make_recorder, read, record
from tests.unit.session.sequences import EventSource
from vtcode_tui.conversation.events import TurnEnd, TurnFinished, TurnStarted
from vtcode_tui.errors import SessionError, SessionNotFound
from vtcode_tui.session.journal import load
from vtcode_tui.session.listing import summarise
from vtcode_tui.session.settings import SessionSettings
from vtcode_tui.session.store import SessionStore, workspace_key

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "state", Path("/work/place"))


def held(store: SessionStore, prompt: str, turns: int = 1, session_id: str = "") -> Path:
    """A session of so many turns; its id, if it matters."""
    path = store.new_path(NOW)
    if session_id:
        path = path.with_name(f"20260102-030405-{session_id}.jsonl")
    recorder = make_recorder(path)
    recorder.record_settings(SessionSettings("qwen3:1.7b", "high", 4096))
    for turn in range(1, turns + 1):
        recorder.record(TurnStarted(turn, prompt))
        recorder.record(TurnFinished(TurnEnd.DONE, 1.0))
    recorder.close()
    return path


def test_a_workspace_has_a_readable_directory_of_its_own() -> None:
    keys = {workspace_key(Path(p)) for p in ("/a/place", "/b/place", "/", "/x/ö ü", "/x/..hidden")}
    assert len(keys) == 5
    assert all(key.split("-")[0] for key in keys)
    assert workspace_key(Path("/a/place")).startswith("place-")
    assert all("/" not in key and not key.startswith(".") for key in keys)


def test_a_path_says_when_and_which(store: SessionStore) -> None:
    path = store.new_path(NOW)
    assert path.name.startswith("20260102-030405-")
    assert path.parent == store.directory
    assert not path.parent.exists()


def test_the_list_shows_first_words_model_turns_and_the_newest_first(store: SessionStore) -> None:
    old = held(store, "the  first\nprompt " + "x" * 500, turns=2)
    new = held(store, "another")
    os.utime(old, (1_000, 1_000))
    newest, oldest = store.list()
    assert (newest.path, oldest.path) == (new, old)
    assert oldest.first_words.startswith("the first prompt xxx")
    assert len(oldest.first_words) == 200
    assert (oldest.turns, oldest.model, oldest.changed_s) == (2, "qwen3:1.7b", 1_000)
    assert oldest.workspace == "/work/place"
    assert store.latest() == new


def test_a_session_without_a_prompt_is_not_listed(store: SessionStore) -> None:
    path = store.new_path(NOW)
    recorder = make_recorder(path)
    recorder.rename("only a name")
    recorder.close()
    assert path.exists()
    assert store.list() == ()
    with pytest.raises(SessionNotFound):
        store.latest()


def test_a_long_session_is_summarised_from_its_ends(store: SessionStore) -> None:
    path = store.new_path(NOW)
    recorder = make_recorder(path)
    recorder.record(TurnStarted(1, "the beginning " + "x" * 100_000))
    recorder.record(TurnFinished(TurnEnd.DONE, 1.0))
    recorder.rename("My name")
    for turn in range(2, 300):
        recorder.record(TurnStarted(turn, "y" * 1_000))
        recorder.record(TurnFinished(TurnEnd.DONE, 1.0))
    recorder.record(TurnStarted(300, "z" * 100_000))
    recorder.close()
    summary = summarise(path)
    assert summary is not None
    assert summary.first_words.startswith("the beginning")
    assert (summary.title, summary.turns, summary.name) == ("My name", 300, "My name")


def test_five_hundred_sessions_are_listed_at_once(store: SessionStore) -> None:
    template = held(store, "a prompt")
    record(template.with_name("20260102-030405-00000000.jsonl"), EventSource(1).turns(40))
    content = template.with_name("20260102-030405-00000000.jsonl").read_bytes()
    for number in range(500):
        path = template.with_name(f"20260102-030405-{number + 1:08x}.jsonl")
        path.write_bytes(content)
    started = time.process_time()
    assert len(store.list()) == 502
    assert time.process_time() - started < 1.5


def test_damage_does_not_hide_the_other_sessions(store: SessionStore) -> None:
    good = held(store, "good")
    held(store, "empty").write_bytes(b"")
    held(store, "noise").write_bytes(os.urandom(5_000))
    held(store, "unreadable").unlink()
    (store.directory / "notes.txt").write_text("not a session")
    assert [summary.path for summary in store.list()] == [good]


def test_a_session_is_found_by_the_beginning_of_its_id(store: SessionStore) -> None:
    path = held(store, "one", session_id="abcd0001")
    held(store, "two", session_id="abcd0002")
    assert store.find("abcd0001") == path
    assert store.find(" ABCD0001 ") == path
    with pytest.raises(SessionNotFound, match="abcd") as caught:
        store.find("abcd")
    assert "abcd0001, abcd0002" in caught.value.why
    for wrong in ("0000", "", "../..", "abc", "abcd0001.jsonl", "abcd0001x"):
        with pytest.raises(SessionNotFound):
            store.find(wrong)


def test_a_session_of_another_directory_is_not_taken_but_named(
    store: SessionStore, tmp_path: Path
) -> None:
    other = SessionStore(tmp_path / "state", Path("/work/other"))
    path = held(other, "there", session_id="abcd0003")
    with pytest.raises(SessionNotFound, match="another directory") as caught:
        store.find("abcd0003")
    assert "-C /work/place --resume abcd0003" in caught.value.advice
    assert store.find("abcd0003", everywhere=True) == path
    assert store.list() == ()
    assert [summary.path for summary in store.list(everywhere=True)] == [path]


def test_a_session_gets_a_name_that_stays(store: SessionStore) -> None:
    path = held(store, "words")
    store.rename(path, "Named", now=9.0)
    assert store.list()[0].name == "Named"
    assert read(path).title == "Named"
    assert len(read(path).events) == 2


def test_a_session_is_deleted_with_what_was_torn_from_it(store: SessionStore) -> None:
    path = held(store, "words")
    torn = Path(f"{path}.torn")
    torn.write_bytes(b"x")
    store.delete(path)
    assert not path.exists()
    assert not torn.exists()
    assert not store.directory.exists()
    with pytest.raises(SessionError):
        store.delete(path)


def test_a_session_that_is_open_is_neither_deleted_nor_renamed(store: SessionStore) -> None:
    path = held(store, "words")
    loaded = load(path)
    try:
        with pytest.raises(SessionError, match="open in another"):
            store.delete(path)
        with pytest.raises(SessionError, match="open in another"):
            store.rename(path, "x", now=1.0)
    finally:
        os.close(loaded.descriptor)
    store.delete(path)


def test_a_directory_that_others_may_write_is_refused(store: SessionStore) -> None:
    held(store, "words")
    store.directory.chmod(0o770)
    with pytest.raises(SessionError, match="cannot be relied on"):
        store.list()


def hold_a_session(state_dir: str, words: str) -> None:
    """What one app does in a directory that another one works in too."""
    store = SessionStore(Path(state_dir), Path("/work/place"))
    recorder = make_recorder(store.new_path(NOW))
    for turn in range(1, 201):
        recorder.record(TurnStarted(turn, f"{words} {turn}"))
        recorder.record(TurnFinished(TurnEnd.DONE, 1.0))
        recorder.journal.sync()
    recorder.close()


def test_two_apps_in_one_directory_write_two_whole_files(
    store: SessionStore, tmp_path: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    apps = [
        spawn.Process(target=hold_a_session, args=(str(tmp_path / "state"), words))
        for words in ("one", "two")
    ]
    for app in apps:
        app.start()
    for app in apps:
        app.join(60)
        assert app.exitcode == 0
    sessions = store.list()
    assert sorted(each.first_words for each in sessions) == ["one 1", "two 1"]
    for each in sessions:
        replayed = read(each.path)
        assert (replayed.turns, replayed.damaged, replayed.was_stopped) == (200, 0, False)
        words = each.first_words.split()[0]
        assert [m.content for m in replayed.messages] == [f"{words} {n}" for n in range(1, 201)]
