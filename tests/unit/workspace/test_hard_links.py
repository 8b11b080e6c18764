"""A file with a harmless name that is a secret under another one asks like the secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vtcode_tui.agent.path_oracle import WorkspaceOracle
from vtcode_tui.permissions.oracle import PathKind
from vtcode_tui.workspace import gate as gate_module
from vtcode_tui.workspace import hard_links
from vtcode_tui.workspace.gate import HOLDS_SECRETS, Gate
from vtcode_tui.workspace.root import Workspace


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    for name in ("ws", "home/.ssh", "state"):
        (tmp_path / name).mkdir(parents=True)
    return Gate(Workspace(tmp_path / "ws"), homes=[tmp_path / "home"], own=[tmp_path / "state"])


@pytest.mark.parametrize(
    "secret",
    [
        "ws/.env",
        "ws/server.pem",
        "ws/deploy/eu/prod/.env.production",
        "ws/deploy/secrets/database",
        "ws/.git/config",
        "home/.ssh/work",
        "home/.netrc",
    ],
)
def test_another_name_of_a_secret_asks(gate: Gate, tmp_path: Path, secret: str) -> None:
    (tmp_path / secret).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / secret).write_text("KEY=1\n")
    os.link(tmp_path / secret, tmp_path / "ws/notes.txt")
    assert HOLDS_SECRETS in gate.to_read("notes.txt").caution
    oracle = WorkspaceOracle(tmp_path / "ws", gate.linked_secrets)
    assert oracle.kind("notes.txt") is PathKind.CLOSED


def test_other_files_with_two_names_do_not_ask(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "ws/.env").write_text("KEY=1\n")
    (tmp_path / "ws/a.txt").write_text("a")
    os.link(tmp_path / "ws/a.txt", tmp_path / "ws/b.txt")
    assert gate.to_read("b.txt").caution == ""
    oracle = WorkspaceOracle(tmp_path / "ws", gate.linked_secrets)
    assert oracle.kind("b.txt") is PathKind.FILE


def test_without_the_look_at_its_other_names_it_would_not_ask(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ws/.env").write_text("KEY=1\n")
    os.link(tmp_path / "ws/.env", tmp_path / "ws/notes.txt")
    monkeypatch.setattr(gate_module, "linked_secrets", lambda *_: frozenset())
    assert gate.to_read("notes.txt").caution == ""


@pytest.mark.parametrize("secret", ["ws/.env", "home/.ssh/work"])
def test_a_folder_with_another_name_of_a_secret_is_not_searched_unasked(
    gate: Gate, tmp_path: Path, secret: str
) -> None:
    (tmp_path / "ws/src").mkdir()
    (tmp_path / "ws/src/a.txt").write_text("a")
    os.link(tmp_path / "ws/src/a.txt", tmp_path / "ws/src/b.txt")
    oracle = WorkspaceOracle(tmp_path / "ws", gate.linked_secrets)
    assert not oracle.has_secrets("src")
    (tmp_path / secret).write_text("KEY=1\n")
    os.link(tmp_path / secret, tmp_path / "ws/src/notes.txt")
    assert oracle.has_secrets("src")


def test_files_that_a_package_manager_linked_do_not_ask(gate: Gate, tmp_path: Path) -> None:
    """Their other names are in its store, and a name in a package tells of no secret of the user's."""
    package = tmp_path / "ws/node_modules/.pnpm/dotenv@16/node_modules/dotenv"
    package.mkdir(parents=True)
    (tmp_path / "store").mkdir()
    for name in ("index.js", "test.pem"):
        (tmp_path / "store" / name).write_text("x")
        os.link(tmp_path / "store" / name, package / name)
    os.link(tmp_path / "store/test.pem", tmp_path / "ws/fixture.txt")
    assert gate.to_read("node_modules/.pnpm/dotenv@16/node_modules/dotenv/index.js").caution == ""
    assert gate.to_read("fixture.txt").caution == ""


def test_the_look_for_other_names_ends_and_begins_at_the_top(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hard_links, "_MOST_ENTRIES", 40)
    near, far = tmp_path / "ws/a/b", tmp_path / "ws/z/y/x/w/v"
    for directory in (near, far):
        directory.mkdir(parents=True)
    for number in range(40):
        (tmp_path / f"ws/z/y/x/{number}").touch()
    for number, directory in enumerate((near, far)):
        (directory / ".env").write_text("KEY=1\n")
        os.link(directory / ".env", tmp_path / f"ws/notes{number}.txt")
    assert gate.to_read("notes0.txt").holds_secrets
    assert not gate.to_read("notes1.txt").holds_secrets
