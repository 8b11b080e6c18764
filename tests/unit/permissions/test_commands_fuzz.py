"""The real shell as the judge: what is allowed changes nothing, leaks nothing, contacts nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.permissions.box import Box, open_box
from tests.unit.permissions.corpus import read_corpus
from tests.unit.permissions.fuzzing import HARMLESS, Report, default_rule, fuzz, mutations, seeds
from vtcode_tui.permissions import lexer


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with open_box() as made:
        yield made


@pytest.mark.parametrize(("seed", "tracks_secret"), [(1, False), (2, True)])
def test_mutated_commands_that_are_allowed_do_no_harm(seed: int, tracks_secret: bool) -> None:
    report = Report()
    with open_box(tracks_secret=tracks_secret) as box:
        fuzz(box, tuple(mutations(seed, 2_000, seeds(box.port))), default_rule(box), report)
    assert report.findings == []
    assert len(report.allowed) >= 50


def test_the_harmless_commands_do_no_harm_and_succeed(box: Box) -> None:
    outcomes = {command: box.run(command) for command in HARMLESS}
    assert {command: out.trouble for command, out in outcomes.items() if out.trouble} == {}
    codes = {
        command: outcome.exit_code
        for command, outcome in outcomes.items()
        if box.has(command.split()[0])
    }
    assert set(codes.values()) <= {0, 1}, codes


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        ("git status; touch PWNED", "changed"),
        ("echo x > ~/.bashrc", "changed"),
        ("cat a.txt | tee a.txt", "changed"),
        ("cat .env", "printed a secret"),
        ("cut -c 1 dirlink/id_rsa", "printed a secret"),
        ("head -c 1 ../.ssh/id_rsa", "printed a secret"),
        ("cat a.txt > /dev/tcp/127.0.0.1/{port}", "contacted the network"),
    ],
)
def test_the_judge_sees_harm(command: str, trouble: str, box: Box) -> None:
    assert any(trouble in seen for seen in box.run(command.format(port=box.port)).trouble)


def test_the_judge_finds_a_guard_that_was_taken_out(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    redirecting = [
        record.command
        for record in read_corpus()
        if record.command.startswith(("echo", "ls")) and ">" in record.command
    ]
    monkeypatch.setattr(lexer, "check_redirection", lambda _target: None)
    report = Report()
    fuzz(box, tuple(mutations(1, 120, redirecting)), default_rule(box), report)
    assert report.findings
