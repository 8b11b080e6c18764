"""What a command changed of the files that change what tools may do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from vtcode_tui.workspace.watching import compare, take_snapshot


def seen(root: Path, act: Callable[[], object]) -> list[tuple[str, str]]:
    before = take_snapshot([root])
    act()
    changes = compare(before, take_snapshot([root]))
    return [(str(change.path.relative_to(root)), change.what) for change in changes]


def shell(root: Path, command: str) -> Callable[[], object]:
    return lambda: subprocess.run(["/bin/bash", "-c", command], cwd=root, check=True)


WATCHED = [
    "vtcode.toml", "AGENTS.md", "src/deep/CLAUDE.md", ".vscode/tasks.json", ".github/workflows/ci.yml",
    ".husky/pre-commit", ".husky/_/husky.sh", ".envrc", ".env.local", "sub/.npmrc", ".git/config",
    ".git/hooks/pre-commit", "sub/.git/hooks/post-checkout", ".git/info/attributes", "VTCODE.toml",
    ".vtcode/agents/deep/x.md",
]  # fmt: skip


@pytest.mark.parametrize("path", WATCHED)
def test_a_file_that_comes_changes_and_goes_is_seen(tmp_path: Path, path: str) -> None:
    folder = str(Path(path).parent)
    assert seen(tmp_path, shell(tmp_path, f"mkdir -p {folder}; echo a > {path}")) == [(path, "new")]
    assert seen(tmp_path, shell(tmp_path, f"echo b > {path}")) == [(path, "changed")]
    assert seen(tmp_path, shell(tmp_path, f"touch -d 2001-01-01 {path}; cat {path}")) == []
    assert seen(tmp_path, shell(tmp_path, f"rm {path}")) == [(path, "removed")]


@pytest.mark.parametrize(
    "path",
    ["a.txt", "src/agents.py", ".git/index", ".git/HEAD", "node_modules/x/.npmrc", ".gitignore"],
)
def test_an_ordinary_file_is_not_told_of(tmp_path: Path, path: str) -> None:
    folder = str(Path(path).parent)
    assert seen(tmp_path, shell(tmp_path, f"mkdir -p {folder}; echo a > {path}")) == []


def test_a_hook_that_becomes_executable_is_seen(tmp_path: Path) -> None:
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(parents=True)
    hook.write_text("#!/bin/sh\n")
    assert seen(tmp_path, lambda: hook.chmod(0o755)) == [(".git/hooks/pre-commit", "changed")]


def test_a_link_and_what_it_leads_to_are_seen(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rules.md").write_text("a")
    (tmp_path / "conf").mkdir()
    link, folder = tmp_path / "AGENTS.md", tmp_path / ".vscode"
    assert seen(tmp_path, lambda: link.symlink_to("docs/rules.md")) == [("AGENTS.md", "new")]
    assert seen(tmp_path, shell(tmp_path, "echo b > docs/rules.md")) == [("AGENTS.md", "changed")]
    assert seen(tmp_path, lambda: folder.symlink_to("conf")) == [(".vscode", "new")]
    assert seen(tmp_path, shell(tmp_path, "echo b > conf/tasks.json")) == [
        (".vscode/tasks.json", "new")
    ]


def test_a_fifo_or_a_huge_file_of_that_name_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to("/dev/zero")
    (tmp_path / ".vscode").symlink_to(".")
    assert seen(tmp_path, lambda: os.mkfifo(tmp_path / "AGENTS.md"))[0][1] == "new"
    with (tmp_path / "vtcode.toml").open("wb") as file:
        file.truncate(10_000_000_000)
    assert seen(tmp_path, shell(tmp_path, "printf x >> vtcode.toml"))


def test_a_limit_leaves_out_what_is_deep_and_says_nothing_false(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"d{number:02}").mkdir()
        (tmp_path / f"d{number:02}" / "AGENTS.md").touch()
    (tmp_path / "vtcode.toml").touch()
    before = take_snapshot([tmp_path], max_entries=40)
    assert str(tmp_path / "vtcode.toml") in before
    assert len(before) < 31
    for number in range(40):
        (tmp_path / f"a{number:02}").mkdir()
    assert compare(before, take_snapshot([tmp_path], max_entries=40)) == ()


def test_a_directory_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    assert take_snapshot([tmp_path / "nowhere"]) == {}
