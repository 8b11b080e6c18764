"""Commands that eat, flood, escape and kill: each ends at its limits, and nothing of it stays.

What would harm the machine outside runs only where a namespace of its own holds it.
"""

from __future__ import annotations

import json
import resource
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.workspace.sandboxes import WORKING, Place, Shell, made_place
from tests.unit.workspace.waiting import marked_processes, wait_until
from vtcode_tui.workspace.walls import Mechanism, SandboxKind

pytestmark = pytest.mark.anyio

CORPUS = Path(__file__).parents[2] / "corpora" / "adversarial_commands.jsonl"
TIME_LIMIT_S = 0.5
ENDS_WITHIN_S = TIME_LIMIT_S + 60
HARMLESS_OUTSIDE = {
    "CMD303",  # a fork bomb: two cores make a few hundred processes in its half second
    "CMD304",
    "CMD308",
    "CMD310",
    "CMD311",
    "CMD312",
    "CMD314",
    "CMD315",
}


@dataclass(frozen=True)
class Case:
    identity: str
    command: str
    mechanism: Mechanism | None

    @property
    def name(self) -> str:
        return f"{self.identity}-{self.mechanism.kind if self.mechanism else 'no sandbox'}"


def read_records() -> dict[str, str]:
    records = (json.loads(line) for line in CORPUS.read_text().split("\n") if line)
    return {record["id"]: record["cmd"] for record in records if record["class"] == "resource"}


def cases() -> Iterator[Case]:
    for identity, command in read_records().items():
        for mechanism in (None, *WORKING):
            is_apart = mechanism is not None and mechanism.kind is SandboxKind.BUBBLEWRAP
            if is_apart or identity in HARMLESS_OUTSIDE:
                yield Case(identity, command, mechanism)


@pytest.fixture
def place() -> Iterator[Place]:
    with made_place() as made:
        yield made


def test_the_records_are_all_there() -> None:
    assert len(read_records()) == 13
    assert set(read_records()) > HARMLESS_OUTSIDE


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_it_ends_at_its_limits_and_nothing_stays(place: Place, case: Case) -> None:
    mechanisms = () if case.mechanism is None else (case.mechanism,)
    sandbox = place.sandbox(*mechanisms)
    state = await sandbox.state()
    assert (state.kind is SandboxKind.NONE) == (case.mechanism is None)
    mark = uuid.uuid4().hex
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    result = await Shell(place, sandbox).run(case.command, timeout_s=TIME_LIMIT_S, mark=mark)
    assert time.monotonic() - started < ENDS_WITHIN_S
    await wait_until(lambda: not marked_processes(mark), 30, lambda: marked_processes(mark))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 60_000
    assert len(result.output) < 300_000
    assert (place.outside / "kept.txt").read_text() == "kept\n"
