"""The store of approvals: private, whole, shared by processes, and believed only if it is safe."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.config.trust_place import TODAY
from vtcode_tui.config import private_store
from vtcode_tui.config.layers import Origin
from vtcode_tui.config.private_store import PrivateStore
from vtcode_tui.config.trust import TrustItem, TrustQuestion
from vtcode_tui.config.trust_store import TrustStore
from vtcode_tui.errors import ConfigError

HERE = Path("/work space/ünïcode/\udcff")


def question(workspace: Path = HERE, value: str = "x") -> TrustQuestion:
    return TrustQuestion(workspace, (TrustItem("agent.default_model", value, Origin("project")),))


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "deep" / "state")


@pytest.fixture
def restored_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def error(store: TrustStore) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        store.approval_of(HERE)
    assert caught.value.advice
    with pytest.raises(ConfigError):
        store.approve(question(), TODAY)
    return caught.value


def test_without_a_file_nothing_is_approved_and_none_is_made(store: TrustStore) -> None:
    assert store.approval_of(HERE) is None
    assert store.forget(HERE) is False
    assert not store.path.parent.exists()


def test_an_approval_is_kept_until_it_is_taken_back(store: TrustStore) -> None:
    store.approve(question(), TODAY)
    approval = store.approval_of(HERE)
    assert approval is not None
    assert approval.digest == question().digest
    assert approval.values == {"agent.default_model": "x"}
    assert approval.approved_on == "2026-01-02"
    assert store.approval_of(HERE / "below") is None
    assert store.forget(HERE)
    assert store.approval_of(HERE) is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o377])
@pytest.mark.usefixtures("restored_umask")
def test_the_file_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    (tmp_path / "deep").mkdir()
    store = TrustStore(tmp_path / "deep" / "state")
    if umask == 0o377:
        store.path.parent.mkdir(0o700)
    os.umask(umask)
    store.approve(question(), TODAY)
    store.approve(question(value="y"), TODAY)
    assert mode(store.path) == 0o600
    assert mode(store.path.parent) == 0o700
    assert {path.name for path in store.path.parent.iterdir()} == {"trust.json", "trust.json.lock"}


@pytest.mark.parametrize("bits", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(store: TrustStore, bits: int) -> None:
    store.approve(question(), TODAY)
    store.path.chmod(bits)
    assert f"chmod go-w {store.path}" in error(store).advice


@pytest.mark.parametrize("bits", [0o770, 0o777, 0o1777])
def test_a_directory_that_others_may_write_is_refused(store: TrustStore, bits: int) -> None:
    store.approve(question(), TODAY)
    store.path.parent.chmod(bits)
    assert f"chmod go-w {store.path.parent}" in error(store).advice


def test_a_symbolic_link_is_refused_even_to_a_good_file(store: TrustStore, tmp_path: Path) -> None:
    other = TrustStore(tmp_path / "other")
    other.approve(question(), TODAY)
    store.path.parent.mkdir(0o700, parents=True)
    store.path.symlink_to(other.path)
    assert "symbolic link" in error(store).why


def test_a_file_of_another_user_is_refused(
    store: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.approve(question(), TODAY)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert "belongs to another user" in error(store).why


@pytest.mark.parametrize("kind", ["pipe", "directory"])
def test_what_is_no_file_is_refused_without_a_hang(store: TrustStore, kind: str) -> None:
    store.path.parent.mkdir(0o700, parents=True)
    os.mkfifo(store.path, 0o600) if kind == "pipe" else store.path.mkdir(0o700)
    assert "regular file" in error(store).why


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000, b"{}" + b" " * 9_000_000]
)
def test_a_damaged_file_is_refused_and_left_as_it_is(store: TrustStore, content: bytes) -> None:
    store.path.parent.mkdir(0o700, parents=True)
    store.path.write_bytes(content)
    store.path.chmod(0o600)
    assert f"mv {store.path}" in error(store).advice
    assert store.path.read_bytes() == content


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        "x",
        {},
        {"digest": "d"},
        {"digest": 1, "values": {}, "approved_on": "x"},
        {"digest": "d", "values": {"a": 1}, "approved_on": "x"},
        {"digest": "d", "values": [], "approved_on": "x"},
    ],
)
def test_an_entry_of_another_form_approves_nothing(store: TrustStore, entry: object) -> None:
    store.path.parent.mkdir(0o700, parents=True)
    store.path.write_text(json.dumps({"workspaces": {str(HERE): entry}}))
    store.path.chmod(0o600)
    assert store.approval_of(HERE) is None


def test_what_is_unknown_in_the_file_stays(store: TrustStore) -> None:
    PrivateStore(store.path).update(lambda content: content.update(grants={"a": [1]}))
    store.approve(question(), TODAY)
    store.forget(HERE)
    assert json.loads(store.path.read_text()) == {"grants": {"a": [1]}, "workspaces": {}}


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    store: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.approve(question(), TODAY)
    before = store.path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        store.approve(question(value="y"), TODAY)
    assert store.path.read_bytes() == before
    assert {path.name for path in store.path.parent.iterdir()} == {"trust.json", "trust.json.lock"}


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        TrustStore(tmp_path / "file" / "state").approve(question(), TODAY)


def test_a_lock_that_is_never_released_ends_in_an_error(
    store: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_store, "_LOCK_TRIES", 3)
    file = PrivateStore(store.path)

    def change(content: dict[str, object]) -> None:
        with pytest.raises(ConfigError, match="Another process"):
            store.approve(question(), TODAY)
        content["was"] = "inside"

    file.update(change)
    assert file.read() == {"was": "inside"}


APPROVER = """
import datetime, sys
from pathlib import Path
from vtcode_tui.config.layers import Origin
from vtcode_tui.config.trust import TrustItem, TrustQuestion
from vtcode_tui.config.trust_store import TrustStore
store, name = TrustStore(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    item = TrustItem("agent.default_model", "x", Origin("project"))
    store.approve(TrustQuestion(Path(f"/{name}/{number}"), (item,)), datetime.date(2026, 1, 2))
"""


def approvals_of_two_processes(state_dir: Path, script: str = APPROVER) -> int:
    """How many approvals are kept of fifty that two processes make at the same time."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(state_dir), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        assert process.communicate(timeout=60)
        assert process.returncode == 0
    kept = json.loads((state_dir / "trust.json").read_text())["workspaces"]
    return len(kept)


def test_two_processes_that_approve_at_once_lose_nothing(tmp_path: Path) -> None:
    assert approvals_of_two_processes(tmp_path / "state") == 50


def test_without_the_lock_they_would(tmp_path: Path) -> None:
    unlocked = APPROVER.replace(
        "store, name",
        "import fcntl, time, os\nfcntl.flock = lambda *_: None\n"
        "whole = os.replace\n"
        "os.replace = lambda *a, **k: (time.sleep(0.005), whole(*a, **k))\nstore, name",
        1,
    )
    assert approvals_of_two_processes(tmp_path / "state", unlocked) < 50
