"""The gate outside the workspace: what is asked, what is refused, and directories that the user added."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace.files import open_regular, read_bytes
from vtcode_tui.workspace.gate import CHANGES_TOOLS, HOLDS_SECRETS, Gate
from vtcode_tui.workspace.root import Workspace


def test_reading_outside_asks_and_shows_where_it_leads(gate: Gate, base: Path) -> None:
    (base / "out" / "f").write_text("x")
    (gate.workspace.root / "link").symlink_to(base / "out")
    for path in ("../out/f", f"{base}/out/f", "link/f", f"/{base}/out/f"):
        place = gate.to_read(path)
        assert place.caution == f"this is outside the workspace: {base}/out/f"
        assert (place.name, place.is_outside) == (f"{base}/out/f", True)
        assert read_bytes(place.root, place.path, check=place.check_opened) == b"x"


def test_a_sibling_with_the_same_beginning_is_outside(gate: Gate, base: Path) -> None:
    (base / "ws-evil").mkdir()
    assert gate.to_read(f"{base}/ws-evil/f").is_outside
    with pytest.raises(OutsideWorkspace, match="/add-dir"):
        gate.to_write(f"{base}/ws-evil/f")


def test_a_secret_outside_says_both(gate: Gate, base: Path) -> None:
    (base / "out" / ".env").touch()
    place = gate.to_read("../out/.env")
    assert place.caution == f"this is outside the workspace: {base}/out/.env; {HOLDS_SECRETS}"


def test_writing_outside_is_refused_with_the_way_out(gate: Gate, base: Path) -> None:
    (gate.workspace.root / "link").symlink_to(base / "out")
    for path in ("../out/f", f"{base}/out/f", "link/f"):
        with pytest.raises(OutsideWorkspace, match="/add-dir") as caught:
            gate.to_write(path)
        assert str(base / "out" / "f") in caught.value.why


@pytest.mark.parametrize(
    "path",
    ["/proc/self/mem", "/proc/self/root/etc/passwd", "/proc/self/environ", "/sys/kernel", "/dev/tty",
     "/dev/stdin", "/dev/null", "/etc/shadow", "$HOME/.ssh/id_rsa", "$HOME/.ssh", "$HOME/.SSH/config",
     "$HOME/.aws/credentials", "$HOME/.gnupg/x", "$HOME/.kube/config", "$HOME/.docker/config.json",
     "$HOME/.config/gh/hosts.yml", "$HOME/.netrc", "$HOME/.npmrc", "$HOME/.git-credentials",
     "$HOME/.ollama/id_ed25519", "$HOME/.config/vtcode-tui/vtcode.toml", "$STATE/trust.json",
     "$STATE/sessions/x.jsonl", "$STATE/undo/k/journal.jsonl", "/home/other/.ssh/id_rsa"],
)  # fmt: skip
def test_credentials_the_system_and_our_own_files_are_refused(
    gate: Gate, base: Path, path: str
) -> None:
    path = path.replace("$HOME", f"{base}/home").replace("$STATE", f"{base}/state")
    link = gate.workspace.root / "link"
    link.symlink_to(path)
    for asked in (path, "link"):
        for judge in (gate.to_read, gate.to_write):
            with pytest.raises(WorkspaceError, match="off limits"):
                judge(asked)


def test_a_store_of_credentials_that_is_a_link_is_known_by_where_it_is(base: Path) -> None:
    (base / "keys").mkdir()
    (base / "home" / ".ssh").symlink_to(base / "keys")
    gate = Gate(Workspace(base / "ws"), homes=[base / "home"])
    with pytest.raises(WorkspaceError, match="off limits"):
        gate.to_read(f"{base}/keys/id_rsa")


def test_credentials_are_refused_also_where_the_home_is_the_workspace(base: Path) -> None:
    gate = Gate(Workspace(base / "home"), homes=[base / "home"])
    for path in (".ssh/config", ".aws/config", ".config/vtcode-tui/vtcode.toml", ".npmrc"):
        for judge in (gate.to_read, gate.to_write):
            with pytest.raises(WorkspaceError, match="off limits"):
                judge(path)
    assert gate.to_read("notes.txt").caution == ""
    assert (".ssh",) in gate.to_read(".").excluded


def test_a_workspace_in_a_directory_of_the_system_can_be_used() -> None:
    root = Path("/dev/shm")
    if not os.access(root, os.W_OK):
        return
    gate = Gate(Workspace(root))
    assert gate.to_write("no-such-file").name == "no-such-file"
    with pytest.raises(WorkspaceError, match="off limits"):
        gate.to_read("/dev/tty")


def test_a_special_file_outside_is_refused_unasked(gate: Gate, base: Path) -> None:
    os.mkfifo(base / "out" / "fifo")
    with pytest.raises(WorkspaceError, match="no regular file"):
        gate.to_read("../out/fifo")


def test_a_missing_file_outside_looks_like_one_that_exists(gate: Gate, base: Path) -> None:
    (base / "out" / "there").touch()
    there, missing = gate.to_read("../out/there"), gate.to_read("../out/gone")
    assert there.caution.replace("there", "gone") == missing.caution


def test_an_added_directory_is_read_and_written_and_shown_from_the_top(
    gate: Gate, base: Path
) -> None:
    out = base / "out"
    assert gate.add_directory(out) == out
    assert gate.roots == (base / "ws", out)
    for path in ("../out/f", f"{out}/f"):
        place = gate.to_write(path)
        assert (place.caution, place.name, place.root.root) == ("", f"{out}/f", out)
        assert gate.to_read(path).caution == ""
    assert CHANGES_TOOLS in gate.to_write("../out/AGENTS.md").caution
    with pytest.raises(WorkspaceError, match="git's own"):
        gate.to_write(f"{out}/.git/config")
    with pytest.raises(OutsideWorkspace):
        gate.to_write(f"{out}-evil/f")


def test_what_is_special_above_an_added_directory_stays_special(gate: Gate, base: Path) -> None:
    for name in (".git", ".vscode"):
        (base / "out" / name / "sub").mkdir(parents=True)
        gate.add_directory(base / "out" / name / "sub")
    with pytest.raises(WorkspaceError, match="git's own"):
        gate.to_write("../out/.git/sub/x")
    assert CHANGES_TOOLS in gate.to_write("../out/.vscode/sub/x").caution


def test_an_added_directory_above_the_workspace_leaves_its_names_alone(
    gate: Gate, base: Path
) -> None:
    gate.add_directory(base)
    assert gate.to_write("a").name == "a"
    with pytest.raises(WorkspaceError, match="off limits"):
        gate.to_read("../state/x")


@pytest.mark.parametrize("path", ["home/.ssh", "state", "state/undo", "nowhere", "file"])
def test_what_is_off_limits_or_no_directory_cannot_be_added(
    gate: Gate, base: Path, path: str
) -> None:
    (base / "home" / ".ssh").mkdir()
    (base / "state" / "undo").mkdir()
    (base / "file").touch()
    with pytest.raises(WorkspaceError):
        gate.add_directory(base / path)
    assert gate.roots == (base / "ws",)


@pytest.mark.parametrize("swap", ["another file", "a link", "a hard link", "gone", "came"])
def test_only_what_was_approved_outside_is_opened(gate: Gate, base: Path, swap: str) -> None:
    asked, secret = base / "out" / "f", base / "out" / "secret"
    secret.write_text("s")
    if swap != "came":
        asked.write_text("x")
    place = gate.to_read("../out/f")
    asked.unlink(missing_ok=True)
    if swap == "another file":
        secret.rename(asked)
    elif swap == "a link":
        asked.symlink_to(secret)
    elif swap == "a hard link":
        os.link(secret, asked)
    elif swap == "came":
        asked.write_text("x")
    with pytest.raises(WorkspaceError) as caught:
        read_bytes(place.root, place.path, check=place.check_opened)
    assert isinstance(caught.value, FileChanged) or swap in ("a link", "gone")


def test_a_directory_on_the_way_to_what_was_approved_is_not_swapped(gate: Gate, base: Path) -> None:
    (base / "out" / "d").mkdir()
    (base / "out" / "d" / "f").write_text("x")
    place = gate.to_read("../out/d/f")
    (base / "out" / "d").rename(base / "out" / "e")
    (base / "out" / "d").symlink_to("e")
    with pytest.raises(OutsideWorkspace), open_regular(place.root, place.path):
        pass


def test_a_search_outside_leaves_out_what_is_off_limits(gate: Gate, base: Path) -> None:
    assert (".ssh",) in gate.to_read(f"{base}/home").excluded
    assert ("proc",) in gate.to_read("/").excluded
    assert gate.to_read(".").excluded == ()
