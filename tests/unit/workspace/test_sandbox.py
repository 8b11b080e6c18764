"""Commands in each sandbox that works here: what they cannot do, and what the probe says of it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.workspace.sandboxes import SECRET, WORKING, Place, Shell, made_place
from tests.unit.workspace.test_process import program_that_runs
from tests.unit.workspace.waiting import marked_processes, wait_until
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.enclosure import OPEN, Boundaries, Enclosure
from vtcode_tui.workspace.process import CommandResult, run_command
from vtcode_tui.workspace.sandbox import mechanisms_of
from vtcode_tui.workspace.sandbox_probe import _judged, _Traps
from vtcode_tui.workspace.walls import Mechanism, SandboxKind, Wall

pytestmark = pytest.mark.anyio

PYTHON = os.path.realpath(sys.executable)
EACH = pytest.mark.parametrize("mechanism", WORKING, ids=lambda mechanism: str(mechanism.kind))


@pytest.fixture
def place() -> Iterator[Place]:
    with made_place() as made:
        yield made


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def socket_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        yield Path(directory) / "socket"


def shell(place: Place, mechanism: Mechanism, *, network: bool = False) -> Shell:
    return Shell(place, place.sandbox(mechanism, network=network))


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


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


@EACH
async def test_a_command_writes_in_the_workspace_and_its_own_temporary_directory(
    place: Place, mechanism: Mechanism
) -> None:
    result = await shell(place, mechanism).run(
        'echo a > made && mkdir d && mv made d/ && cat d/made; echo b > "$TMPDIR/x" && cat "$TMPDIR/x"'
    )
    assert (result.exit_code, result.output) == (0, "a\nb\n")
    assert (place.workspace / "d" / "made").read_text() == "a\n"
    assert list((place.state_dir / "scratch").iterdir()) == []


@EACH
async def test_what_a_killed_program_left_is_removed_the_next_day(
    place: Place, mechanism: Mechanism
) -> None:
    scratch = place.state_dir / "scratch"
    for name, age_s in (("old", 90_000), ("in-use", 3_000)):
        (scratch / name).mkdir(parents=True)
        then = time.time() - age_s
        os.utime(scratch / name, (then, then))
    await place.sandbox(mechanism).state()
    assert [path.name for path in sorted(scratch.iterdir())] == ["in-use"]


ATTACKS = [
    "echo x > {outside}/new",
    "echo x > {outside}/kept.txt",
    "truncate -s 0 {outside}/kept.txt",
    "rm -f {outside}/kept.txt",
    "mv {outside}/kept.txt {outside}/moved.txt",
    "mv {outside}/kept.txt .",
    "cp {outside}/kept.txt . && ln {outside}/kept.txt linked && echo x > linked",
    "ln -s {outside}/kept.txt link && echo x > link",
    "cd {outside} && rm -rf ./*",
    "echo x >> {home}/.bashrc",
    "echo x > {home}/notes.txt",
    "mkdir -p {home}/.config/autostart && echo x > {home}/.config/autostart/x",
    "echo x > {state}/trust.json",
    "mount -o remount,rw / ; umount {outside} ; echo x > {outside}/new",
    "{python} -c 'import os; os.truncate(\"{outside}/kept.txt\", 0)'",
    "exec 9< {outside}/kept.txt; echo x > /proc/self/fd/9",
]


def attack_on(place: Place, attack: str) -> str:
    return attack.format(
        outside=place.outside, home=place.home, state=place.state_dir, python=PYTHON
    )


def files_outside(place: Place) -> dict[str, bytes]:
    files = files_of(place.base)
    return {name: text for name, text in files.items() if "project" not in Path(name).parts}


@EACH
@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_command_changes_a_file_outside(
    place: Place, mechanism: Mechanism, attack: str
) -> None:
    runner = shell(place, mechanism)
    await runner.sandbox.state()
    before = files_outside(place)
    await runner.run(attack_on(place, attack))
    assert files_outside(place) == before


@pytest.mark.parametrize("attack", ATTACKS)
async def test_each_of_these_commands_changes_a_file_outside_where_nothing_holds_it(
    place: Place, attack: str
) -> None:
    before = files_outside(place)
    await Shell(place, place.sandbox(mode="off")).run(attack_on(place, attack))
    assert files_outside(place) != before


GIT_ATTACKS = [
    "echo x > .git/hooks",
    "echo '[core] fsmonitor = touch x' > .git/config",
    "rm -rf .git",
    "mv .git elsewhere",
    "mv .git elsewhere; mkdir .git; echo x > .git/config",
    "umount .git; echo x > .git/config",
]


@pytest.mark.parametrize(
    "mechanism", [m for m in WORKING if Wall.GIT in m.builds], ids=lambda m: str(m.kind)
)
@pytest.mark.parametrize("attack", GIT_ATTACKS)
async def test_no_command_changes_git_metadata(
    place: Place, mechanism: Mechanism, attack: str
) -> None:
    await shell(place, mechanism).run(attack)
    assert files_of(place.workspace / ".git") == {"config": b"[core]\n"}


@EACH
async def test_a_directory_that_the_user_added_can_be_written(
    place: Place, mechanism: Mechanism
) -> None:
    added = place.base / "added"
    added.mkdir()
    runner = Shell(place, place.sandbox(mechanism, added=[added]))
    result = await runner.run(f"echo x > {added}/new && cat {added}/new")
    assert (result.exit_code, result.output) == (0, "x\n")
    assert (added / "new").exists()


@EACH
async def test_secrets_of_the_home_and_of_this_program_are_not_read(
    place: Place, mechanism: Mechanism
) -> None:
    (place.state_dir / "trust.json").write_text(SECRET)
    result = await shell(place, mechanism).run(
        "cat ~/.ssh/* ~/.netrc ~/.local/state/vtcode-tui/trust.json; cat ~/notes.txt;"
        " grep -rs canary ~ ; cp -r ~/.ssh copied; cat copied/*"
    )
    assert SECRET not in result.output
    assert "of the user" in result.output


@EACH
async def test_a_home_as_workspace_still_hides_its_secrets(
    place: Place, mechanism: Mechanism
) -> None:
    home = Place(place.base)
    sandbox = dataclasses.replace(
        Shell(home, home.sandbox(mechanism)),
        sandbox=home.sandbox(mechanism, added=[home.home]),
    )
    result = await sandbox.run("cat ~/.ssh/id_ed25519 ~/.netrc; echo x > ~/written && echo done")
    assert SECRET not in result.output
    assert "done" in result.output


CONNECTS = (
    "{python} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 3)'"
    " && echo reached"
)


@EACH
@pytest.mark.parametrize("network", [False, True])
async def test_the_network_is_there_only_where_it_is_wanted(
    place: Place, mechanism: Mechanism, network: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        runner = shell(place, mechanism, network=network)
        port = server.getsockname()[1]
        result = await runner.run(CONNECTS.format(python=PYTHON, port=port))
    assert ("reached" in result.output) == network
    assert (Wall.NETWORK in (await runner.sandbox.state()).proved) != network


@EACH
@pytest.mark.parametrize("network", [False, True])
async def test_programs_outside_are_not_reached_through_a_socket_in_tmp(
    place: Place, mechanism: Mechanism, network: bool, socket_path: Path
) -> None:
    path = socket_path
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        result = await shell(place, mechanism, network=network).run(
            f"{PYTHON} -c 'import socket; s = socket.socket(socket.AF_UNIX);"
            f' s.connect("{path}"); print("reached")\''
        )
    assert "reached" not in result.output
    assert result.exit_code == 1


@EACH
async def test_this_program_and_other_processes_are_out_of_reach(
    place: Place, mechanism: Mechanism
) -> None:
    result = await shell(place, mechanism).run(
        f"cat /proc/{os.getpid()}/environ /proc/{os.getpid()}/maps > seen 2>/dev/null; wc -c < seen;"
        f" kill -0 {os.getpid()} 2>/dev/null && echo can signal"
    )
    assert result.output == "0\n"


@EACH
async def test_exit_codes_signals_and_background_processes_are_told_as_ever(
    place: Place, mechanism: Mechanism
) -> None:
    runner = shell(place, mechanism)
    assert (await runner.run("exit 7")).exit_code == 7
    assert (await runner.run("kill -9 $$")).signal_name == "SIGKILL"
    assert (await runner.run("sleep 60 & echo on")).left_running == 1


@EACH
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("sleep 60", id="one process"),
        pytest.param("(setsid sleep 60 &); sleep 61", id="double fork"),
        pytest.param("trap '' TERM; while :; do sleep 1; done", id="ignores TERM"),
        pytest.param("kill -STOP $PPID; sleep 60", id="stops its keeper"),
    ],
)
async def test_at_the_time_limit_every_process_ends(
    place: Place, mechanism: Mechanism, mark: str, command: str
) -> None:
    runner = shell(place, mechanism)
    await runner.sandbox.state()
    started = time.monotonic()
    assert (await runner.run(command, timeout_s=0.5, mark=mark)).timed_out
    assert time.monotonic() - started < 0.5 + 3
    await wait_until(lambda: not marked_processes(mark), 5, lambda: marked_processes(mark))


@EACH
async def test_cancelling_ends_every_process_and_lets_it_clean_up(
    place: Place, mechanism: Mechanism, mark: str
) -> None:
    command = "trap 'touch cleaned; exit' TERM; (setsid sleep 60 &); touch ready; sleep 61 & wait"
    running = shell(place, mechanism).start(command, mark=mark)
    await wait_until((place.workspace / "ready").exists, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (place.workspace / "cleaned").exists()
    assert marked_processes(mark) == []


BUBBLEWRAPS = [mechanism for mechanism in WORKING if mechanism.kind is SandboxKind.BUBBLEWRAP]


@pytest.mark.parametrize("mechanism", BUBBLEWRAPS, ids=lambda mechanism: str(mechanism.kind))
async def test_when_keeper_and_all_are_killed_inside_nothing_stays(
    place: Place, mechanism: Mechanism, mark: str
) -> None:
    runner = shell(place, mechanism)
    result = await runner.run("(setsid sleep 60 &); kill -9 $PPID; sleep 60", mark=mark)
    assert result.exit_code is None
    await wait_until(lambda: not marked_processes(mark), 5, lambda: marked_processes(mark))


async def test_an_app_that_is_killed_leaves_no_command(tmp_path: Path, mark: str) -> None:
    command = "trap '' TERM; (setsid sleep 60 &); touch ready; while :; do sleep 1; done"
    with program_that_runs(command, tmp_path, mark) as program:
        await wait_until((tmp_path / "ready").exists, 10)
        program.send_signal(signal.SIGKILL)
        await wait_until(lambda: not marked_processes(mark), 5, lambda: marked_processes(mark))


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
