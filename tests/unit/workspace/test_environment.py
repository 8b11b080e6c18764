"""What a child process may know."""

from __future__ import annotations

from pathlib import Path

import pytest

from vtcode_tui.workspace.environment import child_environment

HOSTILE = [
    "OLLAMA_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "SSH_AUTH_SOCK",
    "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "BASH_FUNC_ls%%", "PROMPT_COMMAND",
    "GIT_SSH_COMMAND", "PYTHONPATH", "NODE_OPTIONS", "RIPGREP_CONFIG_PATH", "LC_SECRET", "PS4",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_is_not_listed_gets_through(name: str) -> None:
    assert "canary" not in str(child_environment({name: "canary", "PATH": "/bin"}))


def test_what_programs_need_gets_through() -> None:
    passed = {"HOME": "/h", "USER": "u", "LANG": "C.UTF-8", "LC_ALL": "C", "TZ": "UTC"}
    environment = child_environment({**passed, "PATH": "/usr/bin", "SHELL": "/bin/zsh"})
    assert {name: environment[name] for name in passed} == passed
    assert environment["SHELL"] == "/bin/bash"
    assert environment["TERM"] == "dumb"


def test_what_the_user_names_gets_through_and_changes_nothing_that_is_fixed() -> None:
    given = {"RUST_LOG": "debug", "OTHER": "canary", "TERM": "xterm", "PATH": "/usr/bin:."}
    environment = child_environment(given, more=("RUST_LOG", "UNSET", "TERM", "PATH"))
    assert environment["RUST_LOG"] == "debug"
    assert (environment["TERM"], environment["PATH"]) == ("dumb", "/usr/bin")
    assert not {"UNSET", "OTHER"} & set(environment)


def test_path_entries_that_are_relative_or_in_the_workspace_are_dropped(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    (root / "bin").mkdir(parents=True)
    (tmp_path / "link").symlink_to(root / "bin")
    path = f".:bin::{root}/bin:{tmp_path}/ws/../ws/bin:{tmp_path}/link:/usr/bin"
    assert child_environment({"PATH": path}, root)["PATH"] == "/usr/bin"


def test_without_a_usable_path_there_is_a_default() -> None:
    assert child_environment({"PATH": "."})["PATH"] == "/usr/local/bin:/usr/bin:/bin"


def test_applying_it_again_changes_nothing(tmp_path: Path) -> None:
    once = child_environment({"PATH": f"/usr/bin:{tmp_path}/x", "HOME": "/h"}, tmp_path)
    assert child_environment(once, tmp_path) == once
