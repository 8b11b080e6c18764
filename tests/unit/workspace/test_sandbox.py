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
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.workspace.running import program_that_runs
from tests.unit.workspace.sandbox_shells import EACH, files_of, shell
from tests.unit.workspace.sandboxes import SECRET, WORKING, Place, Shell, made_place
from tests.unit.workspace.waiting import marked_processes, wait_until
from vtcode_tui.workspace.walls import Mechanism, SandboxKind, Wall

pytestmark = pytest.mark.anyio


PYTHON = os.path.realpath(sys.executable)


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


@EACH
async def test_a_workspace_that_was_gone_for_a_while_is_confined_once_it_is_back(
    place: Place, mechanism: Mechanism
) -> None:
    sandbox = place.sandbox(mechanism)
    aside = place.workspace.rename(place.base / "aside")
    assert (await sandbox.state()).words == f"no sandbox: {place.workspace} is gone"
    assert sandbox.known_state is None
    aside.rename(place.workspace)
    assert (await sandbox.state()).kind is mechanism.kind


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
