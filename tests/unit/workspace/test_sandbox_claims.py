"""Of a sandbox nothing is claimed that its probe did not prove."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.workspace.sandbox_shells import EACH, files_of, shell
from tests.unit.workspace.sandboxes import WORKING, Place, made_place
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.enclosure import OPEN, Boundaries, Enclosure
from vtcode_tui.workspace.process import CommandResult, run_command
from vtcode_tui.workspace.sandbox import mechanisms_of
from vtcode_tui.workspace.sandbox_probe import _judged, _Traps
from vtcode_tui.workspace.walls import Mechanism, SandboxKind, Wall

pytestmark = pytest.mark.anyio


@pytest.fixture
def place() -> Iterator[Place]:
    with made_place() as made:
        yield made


def test_a_linux_machine_has_at_least_one_sandbox_or_says_why_not() -> None:
    reasons = [mechanism.missing() for mechanism in mechanisms_of("linux")]
    assert WORKING or any(reasons), "nothing works, and nothing says why"


@EACH
async def test_the_probe_proves_each_wall_that_the_mechanism_builds(
    place: Place, mechanism: Mechanism
) -> None:
    state = await place.sandbox(mechanism).state()
    assert state.kind is mechanism.kind
    assert set(state.proved) == mechanism.builds
    assert set(state.open) == set(Wall) - mechanism.builds
    assert state.is_enforced
    assert all(wall in state.words for wall in Wall)


@EACH
async def test_the_probe_leaves_nothing_behind(place: Place, mechanism: Mechanism) -> None:
    before = files_of(place.base)
    await place.sandbox(mechanism).state()
    assert files_of(place.base) == before
    assert list((place.state_dir / "scratch").iterdir()) == []


HELD = {"own": "done", "writes": "EROFS", "git": "EROFS", "secrets": "ENOENT", "network": "done"}


@pytest.mark.parametrize(
    ("told", "fallen", "proved"),
    [
        ({}, set(), set(Wall)),
        ({"writes": "done"}, set(), set(Wall) - {Wall.WRITES}),
        ({"writes": "ENOENT"}, set(), set(Wall) - {Wall.WRITES}),
        ({}, {Wall.WRITES}, set(Wall) - {Wall.WRITES}),
        ({"git": "done"}, set(), set(Wall) - {Wall.GIT}),
        ({"git": ""}, set(), set(Wall) - {Wall.GIT}),
        ({}, {Wall.GIT}, set(Wall) - {Wall.GIT}),
        ({"secrets": "done"}, set(), set(Wall) - {Wall.SECRETS}),
        ({"secrets": "canary"}, set(), set(Wall) - {Wall.SECRETS}),
        ({"network": "EACCES"}, set(), set(Wall)),
        ({"network": ""}, set(), set(Wall) - {Wall.NETWORK}),
        ({}, {Wall.NETWORK}, set(Wall) - {Wall.NETWORK}),
        ({"own": "EACCES"}, set(), set()),
        (dict.fromkeys(HELD, ""), set(), set()),
    ],
)
def test_both_what_the_probe_says_and_what_came_through_decide(
    told: dict[str, str], fallen: set[Wall], proved: set[Wall], tmp_path: Path
) -> None:
    said = {name: word for name, word in {**HELD, **told}.items() if word}
    output = "\n".join(f"sandbox-probe {name} {word}" for name, word in said.items())
    result = CommandResult(0, output, 0, False, 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        traps = _Traps(tuple(Wall), (), tmp_path, tmp_path, tmp_path, "canary", receiver)
        tried = _judged(traps, result, fallen)
    assert set(tried.proved) == proved
    assert set(tried.open) == set(Wall) - proved
    assert bool(tried.trouble) == (Wall.WRITES not in proved)


# What the probe is for: a sandbox that is none, or lacks a wall, is found out.


def changed(
    mechanism: Mechanism,
    *,
    boundaries: Callable[[Boundaries], Boundaries] = lambda unchanged: unchanged,
    enclosure: Callable[[Enclosure], Enclosure] = lambda unchanged: unchanged,
) -> Mechanism:
    def enclose(given: Boundaries, stack: ExitStack) -> Enclosure:
        return enclosure(mechanism.enclose(boundaries(given), stack))

    return dataclasses.replace(mechanism, enclose=enclose)


def with_network(enclosure: Enclosure) -> Enclosure:
    words = tuple(word for word in enclosure.around_all if word != "--unshare-net")
    return dataclasses.replace(enclosure, around_all=words, socket_filter="")


LEAKS: dict[Wall, Callable[[Mechanism], Mechanism]] = {
    Wall.SECRETS: lambda m: changed(m, boundaries=lambda b: dataclasses.replace(b, hidden=())),
    Wall.GIT: lambda m: changed(m, boundaries=lambda b: dataclasses.replace(b, read_only=())),
    Wall.NETWORK: lambda m: changed(m, enclosure=with_network),
}


@EACH
@pytest.mark.parametrize("wall", LEAKS)
async def test_a_wall_that_is_missing_is_not_claimed(
    place: Place, mechanism: Mechanism, wall: Wall
) -> None:
    state = await place.sandbox(LEAKS[wall](mechanism)).state()
    assert wall not in state.proved
    assert wall in state.open
    assert state.is_enforced == (wall is not Wall.NETWORK)


@EACH
async def test_a_sandbox_that_lets_a_forbidden_write_through_is_none(
    place: Place, mechanism: Mechanism
) -> None:
    sieve = dataclasses.replace(
        mechanism, enclose=lambda boundaries, _: Enclosure(environment={"TMPDIR": str(boundaries.scratch)})
    )  # fmt: skip
    before = files_of(place.base)
    sandbox = place.sandbox(sieve)
    state = await sandbox.state()
    assert state.kind is SandboxKind.NONE
    assert "forbidden write" in state.trouble
    assert files_of(place.base) == before
    async with sandbox.enclosure() as enclosure:
        assert enclosure is OPEN


@EACH
async def test_a_sandbox_in_which_nothing_runs_is_none(place: Place, mechanism: Mechanism) -> None:
    stuck = changed(mechanism, enclosure=lambda e: dataclasses.replace(e, around_command=("/bin/false",)))  # fmt: skip
    state = await place.sandbox(stuck).state()
    assert state.kind is SandboxKind.NONE


MISSING = Mechanism(
    SandboxKind.BUBBLEWRAP, frozenset(Wall), lambda: "it is not installed", lambda *_: OPEN
)


@EACH
async def test_what_is_missing_gives_way_to_the_next_and_is_told(
    place: Place, mechanism: Mechanism
) -> None:
    state = await place.sandbox(MISSING, mechanism).state()
    assert state.kind is mechanism.kind
    assert state.trouble == "bubblewrap: it is not installed"


async def test_without_a_sandbox_auto_says_so_and_require_refuses(place: Place) -> None:
    for mode in ("auto", "require"):
        sandbox = place.sandbox(MISSING, mode=mode)
        assert (await sandbox.state()).words == "no sandbox: bubblewrap: it is not installed"
        assert (await sandbox.state()).note == "no sandbox"
        refusal = await sandbox.why_refused()
        assert (refusal is None) == (mode == "auto")
        assert refusal is None or "bubblewrap: it is not installed" in refusal


@EACH
async def test_require_refuses_a_sandbox_that_leaves_the_network_open(
    place: Place, mechanism: Mechanism
) -> None:
    leaky = changed(mechanism, enclosure=with_network)
    refusal = await place.sandbox(leaky, mode="require").why_refused()
    assert refusal is not None
    assert await place.sandbox(leaky, mode="auto").why_refused() is None
    assert await place.sandbox(mechanism, mode="require").why_refused() is None


async def test_off_starts_no_probe(place: Place) -> None:
    sandbox = place.sandbox(*WORKING, mode="off")
    assert sandbox.known_state is not None
    assert sandbox.known_state.words == 'no sandbox: [sandbox] mode is "off"'
    assert not (place.state_dir / "scratch").exists()


@EACH
async def test_the_probe_runs_once(place: Place, mechanism: Mechanism) -> None:
    runs: list[Boundaries] = []

    def counted(boundaries: Boundaries) -> Boundaries:
        runs.append(boundaries)
        return boundaries

    sandbox = place.sandbox(changed(mechanism, boundaries=counted))
    states = await asyncio.gather(*(sandbox.state() for _ in range(5)))
    assert len(runs) == 1
    assert len(set(states)) == 1


@EACH
async def test_a_sandbox_that_cannot_be_prepared_any_more_runs_nothing(
    place: Place, mechanism: Mechanism
) -> None:
    runner = shell(place, mechanism)
    await runner.sandbox.state()
    (place.state_dir / "scratch").rmdir()
    (place.state_dir / "scratch").write_text("in the way")
    with pytest.raises(OSError, match="not a directory"):
        await runner.run("touch ran")
    assert not (place.workspace / "ran").exists()


@pytest.mark.parametrize(
    "enclosure",
    [
        Enclosure(ruleset_fd=0),
        Enclosure(socket_filter="00"),
        Enclosure(socket_filter="no hex"),
        Enclosure(max_processes=-5),
        Enclosure(around_all=("/usr/bin/env", "/bin/false")),
        Enclosure(around_command=("/no/such/program",)),
    ],
)
async def test_a_restriction_that_cannot_be_taken_on_stops_the_command(
    place: Place, enclosure: Enclosure
) -> None:
    with pytest.raises(WorkspaceError):
        await run_command(
            "touch ran",
            place.workspace,
            timeout_s=10,
            environment=place.environment,
            on_output=lambda _: None,
            enclosure=enclosure,
        )
    assert not (place.workspace / "ran").exists()
