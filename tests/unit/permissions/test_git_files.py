"""What git's files say, against git itself, and what no repository makes an allowed command do."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.permissions.box import Box, open_box
from tests.unit.permissions.folder import CANARY, SECRET_BLOB, run_git
from tests.unit.permissions.fuzzing import ALLOW_LIST
from tests.unit.workspace.test_names import HARMLESS_NAMES, SECRET_NAMES
from vtcode_tui.permissions.commands import rule_on_command
from vtcode_tui.permissions.git_files import (
    GIT_ENVIRONMENT,
    SECRET_ATTRIBUTES,
    is_plain_config,
    tracked_names,
)

READING = (
    "git status",
    "git diff",
    "git diff HEAD~1 --stat",
    "git log -p -3",
    "git show",
    "git blame a.txt",
    "git grep -n foo",
    "git describe --always",
    "git branch -vv",
)


@pytest.fixture
def box() -> Iterator[Box]:
    with open_box() as made:
        yield made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
        '[remote "origin"]\n\turl = git@example.org:a/b.git\n\tfetch = +refs/heads/*:refs/x/*\n',
        '# a comment\n[branch "a b"]\n  remote=origin\n  ; another\n',
        "[user]\n\tname = A [B] ; c\n[COMMIT]\n\tgpgSign\n",
        "[core]\n\thooksPath = .husky\n",
    ],
)
def test_usual_configurations_are_plain(text: str) -> None:
    assert is_plain_config(text)


@pytest.mark.parametrize(
    "text",
    [
        "[core]\n\tfsmonitor = ./pwn\n",
        "[core] fsmonitor = ./pwn\n",
        "[core]\nfsmonitor=./pwn",
        "[core]\n\tbare = fal\\\nfsmonitor = ./pwn\n",
        "[core]\n\tworktree = /home/u\n",
        "[core]\n\tpager = ./pwn\n",
        "[core]\n\tsshCommand = ./pwn\n",
        "[core]\n\tattributesFile = x\n",
        "[diff]\n\texternal = ./pwn\n",
        '[diff "x"]\n\ttextconv = ./pwn\n',
        '[diff "x"]\n\tcommand = ./pwn\n',
        "[diff.x]\n\tcommand = ./pwn\n",
        '[filter "x"]\n\tclean = ./pwn\n',
        "[include]\n\tpath = ../evil\n",
        '[includeIf "gitdir:."]\n\tpath = evil\n',
        "[gpg]\n\tprogram = ./pwn\n",
        '[remote "o"]\n\tpromisor = true\n',
        '[remote "o"]\n\tuploadpack = ./pwn\n',
        '[remote "o"]\n\turl = https://token@example.org/x\n',
        '[submodule "x"]\n\tactive = true\n',
        "[extensions]\n\tworktreeConfig = true\n",
        "[alias]\n\tx = !./pwn\n",
        "[pager]\n\tlog = ./pwn\n",
        "garbage",
        "[core\n",
        "\ufeff[core]\n",
    ],
)
def test_configurations_that_reach_further_are_not_plain(text: str) -> None:
    assert not is_plain_config(text)


@given(st.text() | st.text("[]core=\n\\\"' ;#.", max_size=60))
def test_any_configuration_gets_an_answer(text: str) -> None:
    assert is_plain_config(text) in (True, False)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"DIRC\0\0\0\4" + tail))
def test_any_index_gets_an_answer(index: bytes) -> None:
    names = tracked_names(index)
    assert names is None or isinstance(names, tuple)


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_an_index_lists_what_git_lists(version: str, box: Box) -> None:
    root = box.folder.workspace
    for number in range(40):
        (root / f"file{'x' * number}{number}").write_text("x")
    (root / "ünïcode").write_text("x")
    run_git(box.folder, "add", "-N", "a.txt", "file0")
    run_git(box.folder, "add", ".")
    run_git(box.folder, "update-index", "--index-version", version)
    listed = run_git(box.folder, "-c", "core.quotePath=false", "ls-files", "-z")
    names = tracked_names((root / ".git" / "index").read_bytes())
    assert names is not None
    assert set(names) == set(listed.split("\0")[:-1])


def test_a_split_index_is_something_else(box: Box) -> None:
    run_git(box.folder, "update-index", "--split-index")
    assert tracked_names((box.folder.workspace / ".git" / "index").read_bytes()) is None


def test_a_tracked_secret_makes_patches_ask(box: Box) -> None:
    run_git(box.folder, "add", "-f", ".env")
    for command in ("git diff", "git show", "git log -p", "git grep KEY", "git stash show -p"):
        assert _decision(command, box) == "prompt"
    for command in ("git status", "git diff --stat", "git diff a.txt", "git log"):
        assert _decision(command, box) == "allow"


@pytest.mark.parametrize(
    "command",
    [
        f"git show {SECRET_BLOB}",
        f"git show --stat {SECRET_BLOB}",
        f"git show {SECRET_BLOB} -- a.txt",
        f"git diff {SECRET_BLOB} a.txt",
        f"git diff {SECRET_BLOB[:10]} a.txt",
        f"git grep KEY {SECRET_BLOB} -- a.txt",
        "git show HEAD --",
        "git diff HEAD --",
        "git diff --check",
        "git log -p -- src a.txt",
        "git log -m --cc",
        "git show HEAD:.env",
        "git show HEAD:src/../.env",
        "git show :.env",
        "git blame .env",
    ],
)
def test_no_spelling_shows_a_tracked_secret(command: str) -> None:
    with open_box(tracks_secret=True) as box:
        assert _decision(command, box) == "prompt"


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_git_takes_a_file_with_the_name_of_a_secret_for_binary(name: str) -> None:
    assert _diff_attribute(name) == "unset"
    assert _diff_attribute(f"deep/in/{name}") == "unset"


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_git_shows_other_files_as_ever(name: str) -> None:
    assert _diff_attribute(name) in ("unspecified", "set")


def _diff_attribute(name: str) -> str:
    done = subprocess.run(
        ["git", "-c", f"core.attributesFile={SECRET_ATTRIBUTES}", "check-attr", "diff", name],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rstrip().rpartition(": ")[2]


THE_PAST = (
    "git log -p --all",
    "git show",
    "git show HEAD~1",
    "git diff HEAD~2",
    "git diff HEAD~1 HEAD --word-diff",
    "git diff -R HEAD~1 -- .",
    "git log -m --cc -W --stat -p",
    f"git grep {CANARY} HEAD~1",
    "git grep -n '=' HEAD~1",
)


def test_a_secret_that_only_the_history_holds_is_not_shown(box: Box) -> None:
    run_git(box.folder, "add", "-f", ".env")
    run_git(box.folder, "commit", "-qm", "with a secret")
    run_git(box.folder, "rm", "-q", "--cached", ".env")
    run_git(box.folder, "commit", "-qm", "without it")
    box.look_again()
    assert {_decision(command, box) for command in THE_PAST} == {"allow"}
    assert {command: box.run(command).trouble for command in THE_PAST} == dict.fromkeys(
        THE_PAST, ()
    )
    seen = box.run("git log -p", environment={}).trouble
    assert any("printed a secret" in trouble for trouble in seen)


def test_a_revision_is_none_where_a_path_has_its_name(box: Box) -> None:
    (box.folder.workspace / "main").write_text("x")
    assert _decision("git show main --", box) == "prompt"
    assert _decision("git log other -- main", box) == "allow"


def test_directories_outside_a_repository_are_not_compared_with_their_secrets(box: Box) -> None:
    root = box.folder.workspace
    shutil.rmtree(root / ".git")
    (root / "src" / ".env").write_text("x")
    assert _decision("git diff src docs", box) == "prompt"
    assert _decision("git diff a.txt b.txt", box) == "allow"


@pytest.mark.parametrize(
    "settings",
    [
        {"core.fsmonitor": "{pwn}"},
        {"core.hooksPath": "{folder}"},
        {"core.pager": "{pwn}", "pager.log": "{pwn}", "pager.status": "{pwn}"},
        {"log.showSignature": "true", "gpg.program": "{pwn}"},
        {"core.sshCommand": "{pwn}", "remote.o.url": "ssh://x/y", "remote.o.promisor": "1"},
    ],
)
def test_the_environment_switches_off_what_a_configuration_starts(
    settings: dict[str, str], box: Box
) -> None:
    _configure(box, settings)
    assert {command: box.run(command).trouble for command in READING} == dict.fromkeys(READING, ())


def test_without_the_environment_a_configuration_starts_programs(box: Box) -> None:
    _configure(box, {"core.fsmonitor": "{pwn}"})
    assert box.run("git status", environment={}).trouble


def _configure(box: Box, settings: dict[str, str]) -> None:
    root = box.folder.workspace
    for key, value in settings.items():
        run_git(box.folder, "config", key, value.format(pwn=root / "pwn", folder=root))
    if os.geteuid() == 0:
        os.chown(root / ".git" / "config", 65534, 65534)
    box.look_again()


@pytest.mark.parametrize(
    "settings",
    [
        {"core.fsmonitor": "./pwn"},
        {"diff.external": "./pwn"},
        {"diff.x.textconv": "./pwn"},
        {"filter.x.clean": "./pwn"},
        {"core.worktree": "/"},
    ],
)
def test_a_configuration_that_names_programs_makes_git_ask(
    settings: dict[str, str], box: Box
) -> None:
    for key, value in settings.items():
        run_git(box.folder, "config", key, value)
    assert {_decision(command, box) for command in READING} == {"prompt"}


def test_git_works_as_ever_in_the_environment(box: Box) -> None:
    for command in READING:
        outcome = box.run(command)
        assert (outcome.exit_code, outcome.trouble) == (0, ()), (command, outcome.output)


def test_the_environment_counts_its_settings() -> None:
    count = int(GIT_ENVIRONMENT["GIT_CONFIG_COUNT"])
    keys = [GIT_ENVIRONMENT[f"GIT_CONFIG_KEY_{number}"] for number in range(count)]
    values = [GIT_ENVIRONMENT[f"GIT_CONFIG_VALUE_{number}"] for number in range(count)]
    assert len(set(keys)) == len(values) == count
    assert {"core.fsmonitor", "core.hooksPath", "core.pager"} <= set(keys)


def _decision(command: str, box: Box) -> str:
    ruling = rule_on_command(command, allow_list=ALLOW_LIST, deny_list=(), paths=box.oracle)
    return ruling.decision
