"""The hostile commands: each gets a ruling it admits, and fails to when a guard is taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.permissions.corpus import CORPUS, Record, read_corpus
from tests.unit.permissions.folder import SECRET_FILES, FolderOracle, make_folder
from vtcode_tui.permissions import (
    commands,
    find_expression,
    lexer,
    operands,
    options,
)
from vtcode_tui.permissions.commands import CommandRuling, rule_on_command
from vtcode_tui.permissions.deny import find_denial
from vtcode_tui.permissions.oracle import PathKind, PathOracle
from vtcode_tui.permissions.reading import READING_COMMANDS
from vtcode_tui.permissions.unproven import Unproven

RECORDS = read_corpus()


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> FolderOracle:
    return FolderOracle(make_folder(tmp_path_factory.mktemp("corpus")).workspace)


def test_corpus_commands_are_all_there() -> None:
    assert len(RECORDS) == len({record.identity for record in RECORDS}) == 223


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.identity)
def test_corpus_commands_get_an_admitted_ruling(record: Record, oracle: FolderOracle) -> None:
    ruling = record.ruling(oracle)
    assert record.admits(ruling.decision), ruling


TOOLS = ("pytest", "python -m pytest", "npm", "npm test", "npm run build", "make", "cargo", "cargo test",
    "cargo build", "go", "go test", "go build", "ruff", "ruff check", "mypy", "eslint", "tsc", "docker ps",
    "kubectl get pods", "black --check .")  # fmt: skip


def test_commands_one_step_from_an_allowed_one_ask(tmp_path: Path) -> None:
    lines = (CORPUS.parent / "commands_that_ask.txt").read_text().splitlines()
    assert len(lines) == len(set(lines)) == 497
    oracle = FolderOracle(make_folder(tmp_path).workspace)
    allow_list = (*READING_COMMANDS, *TOOLS)
    unasked = [
        command
        for command in lines
        if rule_on_command(command, allow_list=allow_list, deny_list=(), paths=oracle).decision
        == "allow"
    ]
    assert unasked == []


def test_everyday_commands_run_where_they_read_and_else_ask_for_a_true_reason(
    tmp_path: Path,
) -> None:
    """A line holds "runs" or "asks", the command, and why it asks; nothing of it is ever refused."""
    text = (CORPUS.parent / "everyday_commands.tsv").read_text()
    records = [line.split("\t") for line in text.splitlines()]
    assert len(records) == len({command for _, command, _ in records}) == 260
    folder = make_folder(tmp_path)
    for name in SECRET_FILES:
        (folder.workspace / name).unlink()
    oracle = FolderOracle(folder.workspace)
    wrong = []
    for wanted, command, reason in records:
        ruling = rule_on_command(command, allow_list=READING_COMMANDS, deny_list=(), paths=oracle)
        expected = ("allow",) if wanted == "runs" else ("prompt", reason)
        if (ruling.decision, ruling.reason)[: len(expected)] != expected:
            wrong.append((command, ruling))
    assert wrong == []


def test_a_denied_program_is_seen_where_it_would_run_and_only_there() -> None:
    text = (CORPUS.parent / "denied_commands.jsonl").read_text()
    records = [json.loads(line) for line in text.splitlines()]
    assert len(records) == len({record["cmd"] for record in records}) == 878
    wrong = [
        record["cmd"]
        for record in records
        if (find_denial(record["cmd"], ["rm"]) is not None) is not (record["must"] == "refused")
    ]
    assert wrong == []


def test_corpus_commands_name_a_reason_that_fits_on_a_line(oracle: FolderOracle) -> None:
    reasons = [record.ruling(oracle).reason for record in RECORDS]
    assert all(reason and len(reason) <= 160 for reason in reasons)


def test_corpus_commands_that_deny_rules_name_in_plain_sight_are_refused(
    oracle: FolderOracle,
) -> None:
    seen = {
        record.identity: record.ruling(oracle).decision for record in RECORDS if record.deny_list
    }
    unseen = {identity for identity, decision in seen.items() if decision != "deny"}
    assert unseen == {"CMD349"}  # another program's subcommand


class EverythingIsPlain(FolderOracle):
    """An oracle that looks at nothing."""

    def kind(self, path: str) -> PathKind:
        return PathKind.FILE

    def has_secrets(self, directory: str) -> bool:
        return False


def _nothing(*_: object) -> None:
    return None


def _take_out_quietly(module: object, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(module, name, _nothing)


def _options_pass(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(options, "refuse_option", lambda _program, word: [(word, None)])


def _any_sed_script(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(operands, "_is_plain_sed", lambda _script: True)


def _any_git_command(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(commands._PROVERS, ("git",), _nothing)


def _expansions_pass(patch: pytest.MonkeyPatch) -> None:
    """Words may hold what the shell expands."""
    bare = lexer._TOKEN.pattern.replace(
        "[A-Za-z0-9_./:,@%+=^-]", r"[A-Za-z0-9_./:,@%+=^$(){}*?[\]!`-]"
    )
    patch.setattr(lexer, "_TOKEN", re.compile(bare, re.VERBOSE))


def _startable(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commands, "why_not_startable", lambda _command: None)


GUARDS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "options": _options_pass,
    "terms of find": _take_out_quietly(find_expression, "refuse_term"),
    "redirections": _take_out_quietly(lexer, "check_redirection"),
    "expansions": _expansions_pass,
    "names of programs": _take_out_quietly(commands, "check_name"),
    "programs that always ask": _take_out_quietly(commands, "check_never"),
    "exact commands": _take_out_quietly(commands, "check_exact"),
    "files": _take_out_quietly(operands, "require_file"),
    "paths": _take_out_quietly(find_expression, "require_path"),
    "secrets in searched directories": _take_out_quietly(operands, "require_no_secrets"),
    "scripts of sed": _any_sed_script,
    "git commands": _any_git_command,
    "what can be started": _startable,
}
"""The guards that a record needs, each taken out alone."""


def _failures(paths: PathOracle) -> list[str]:
    return [record.identity for record in RECORDS if not record.admits(_decision(record, paths))]


def _decision(record: Record, paths: PathOracle) -> str:
    try:
        return record.ruling(paths).decision
    except (Unproven, UnicodeError, KeyError):
        return "raised"


@pytest.fixture
def fresh_entries() -> Iterator[None]:
    """Entries of the allow list are remembered; no test sees those that another test read."""
    commands._entries.cache_clear()
    yield
    commands._entries.cache_clear()


@pytest.mark.usefixtures("fresh_entries")
@pytest.mark.parametrize("guard", GUARDS)
def test_corpus_commands_bite_when_a_guard_is_taken_out(
    guard: str, oracle: FolderOracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    GUARDS[guard](monkeypatch)
    assert _failures(oracle), f"no record needs the guard: {guard}"


def test_corpus_commands_bite_when_the_oracle_looks_at_nothing(oracle: FolderOracle) -> None:
    assert len(_failures(EverythingIsPlain(oracle._root))) >= 5


def test_corpus_commands_bite_when_the_deny_list_is_not_read(
    oracle: FolderOracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "find_denial", _nothing)
    denied = [record for record in RECORDS if record.deny_list]
    assert not any(record.ruling(oracle).decision == "deny" for record in denied)


def test_corpus_commands_fail_for_a_rule_that_compares_beginnings(oracle: FolderOracle) -> None:
    def by_prefix(record: Record) -> CommandRuling:
        starts = record.command.startswith(record.allow_list)
        return CommandRuling("allow" if starts else "prompt", "")

    assert sum(not record.admits(by_prefix(record).decision) for record in RECORDS) > 100
