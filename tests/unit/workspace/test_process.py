"""Commands as real processes: what comes back, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from tests.unit.workspace.waiting import MARK, marked_processes, wait_until
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace import process
from vtcode_tui.workspace.environment import child_environment
from vtcode_tui.workspace.process import (
    STREAMED_BYTES,
    CommandResult,
    run_command,
    run_helper,
    run_program,
)

pytestmark = pytest.mark.anyio

ENVIRONMENT = child_environment({"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


async def run(
    command: str,
    cwd: Path,
    *,
    timeout_s: float = 20,
    mark: str = "",
    on_output: Callable[[str], None] = lambda _: None,
) -> CommandResult:
    return await run_command(
        command,
        cwd,
        timeout_s=timeout_s,
        environment={**ENVIRONMENT, MARK: mark},
        on_output=on_output,
    )


async def gone(mark: str, within_s: float = 5) -> None:
    await wait_until(lambda: not marked_processes(mark), within_s, lambda: marked_processes(mark))


async def test_output_of_both_streams_and_the_exit_code_come_back(tmp_path: Path) -> None:
    result = await run("echo out; echo err >&2; exit 3", tmp_path)
    assert (result.exit_code, result.output) == (3, "out\nerr\n")
    assert (result.timed_out, result.omitted_bytes, result.left_running) == (False, 0, 0)


async def test_it_runs_in_the_directory_given(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    assert (await run("ls", tmp_path)).output == "here\n"


async def test_no_profile_and_no_bash_env_is_read(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("echo profile")
    (tmp_path / "env.sh").write_text("echo env")
    result = await run_program(
        ("/bin/bash", "--noprofile", "--norc", "-c", "echo only this"),
        tmp_path,
        timeout_s=10,
        environment=child_environment(
            {"HOME": str(tmp_path), "BASH_ENV": str(tmp_path / "env.sh"), "PATH": "/usr/bin:/bin"}
        ),
        on_output=lambda _: None,
    )
    assert result.output == "only this\n"


async def test_the_command_sees_the_environment_given_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "canary-canary")
    result = await run("env; tr '\\0' '\\n' < /proc/$PPID/environ; ls /proc/self/fd", tmp_path)
    assert "canary" not in result.output
    assert "TERM=dumb" in result.output
    assert result.output.splitlines()[-4:] == ["0", "1", "2", "3"]


async def test_the_command_has_no_input_and_no_terminal(tmp_path: Path) -> None:
    result = await run("cat; tty; echo x > /dev/tty", tmp_path)
    assert "not a tty" in result.output
    assert "No such device" in result.output


async def test_the_command_leads_its_own_session_and_process_group(tmp_path: Path) -> None:
    result = await run("echo $$; cut -d' ' -f5,6 /proc/$$/stat", tmp_path)
    pid, group_and_session = result.output.splitlines()
    assert group_and_session == f"{pid} {pid}"


async def test_a_broken_pipe_ends_a_program_as_in_a_shell(tmp_path: Path) -> None:
    result = await run("set -o pipefail; yes | head -1", tmp_path)
    assert result.exit_code == 128 + signal.SIGPIPE


async def test_output_is_streamed_while_the_command_runs(tmp_path: Path) -> None:
    chunks: list[str] = []
    go_on = tmp_path / "go"
    running = asyncio.ensure_future(
        run("echo first; until [ -e go ]; do :; done; echo last", tmp_path, on_output=chunks.append)
    )
    await wait_until(lambda: chunks == ["first\n"], 5, lambda: chunks)
    go_on.touch()
    await running
    assert "".join(chunks) == "first\nlast\n"


async def test_a_character_cut_in_two_is_streamed_whole_and_bad_bytes_are_replaced(
    tmp_path: Path,
) -> None:
    chunks: list[str] = []
    command = r"printf 'a\303'; until [ -e go ]; do :; done; printf '\251\377'"
    running = asyncio.ensure_future(run(command, tmp_path, on_output=chunks.append))
    await wait_until(lambda: chunks == ["a"], 5, lambda: chunks)
    (tmp_path / "go").touch()
    result = await running
    assert "".join(chunks) == result.output == "aé\ufffd"


async def test_a_signal_that_ended_the_command_is_named(tmp_path: Path) -> None:
    result = await run("kill -9 $$", tmp_path)
    assert (result.exit_code, result.signal_name) == (None, "SIGKILL")


async def test_a_program_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="/no/such could not be started: No such file"):
        await run_program(
            ["/no/such"],
            tmp_path,
            timeout_s=5,
            environment=ENVIRONMENT,
            on_output=lambda _: None,
        )


@pytest.mark.parametrize("command", ["x" * 3_000_000, "nul \0 in it"])
async def test_what_no_kernel_takes_as_a_command_is_an_error_in_words(
    tmp_path: Path, command: str
) -> None:
    with pytest.raises(WorkspaceError, match="could not be started"):
        await run(command, tmp_path)


async def test_a_directory_that_is_gone_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="There is no directory"):
        await run("true", tmp_path / "gone")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("sleep 60", id="one process"),
        pytest.param("sleep 60 & sleep 61 & wait", id="children"),
        pytest.param("setsid sleep 60 & wait", id="another session"),
        pytest.param("(setsid sleep 60 &) ; sleep 61", id="double fork"),
        pytest.param("trap '' TERM; while :; do sleep 1; done", id="ignores TERM"),
        pytest.param("kill -STOP $$", id="stopped"),
    ],
)
async def test_at_the_time_limit_every_process_of_the_command_ends(
    tmp_path: Path, mark: str, command: str
) -> None:
    started = time.monotonic()
    result = await run(command, tmp_path, timeout_s=0.3, mark=mark)
    assert result.timed_out
    assert time.monotonic() - started < 0.3 + 3
    await gone(mark, 0.5)


async def test_a_command_may_clean_up_when_it_is_told_to_stop(tmp_path: Path, mark: str) -> None:
    command = "trap 'echo cleaned; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
    result = await run(command, tmp_path, timeout_s=0.5, mark=mark)
    assert (result.timed_out, result.exit_code) == (True, 7)
    assert "cleaned" in result.output


async def test_a_stopped_command_is_woken_so_that_it_may_clean_up(
    tmp_path: Path, mark: str
) -> None:
    command = "trap 'touch cleaned; exit' TERM; kill -STOP $$; while :; do sleep 0.05; done"
    await run(command, tmp_path, timeout_s=0.3, mark=mark)
    assert (tmp_path / "cleaned").exists()


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("sleep 60 & sleep 61 & echo done", 2),
        ("(setsid sleep 60 > /dev/null 2>&1 &); echo done", 1),
        ("sleep 0.01 & echo done", 0),
    ],
)
async def test_background_processes_are_stopped_soon_after_the_command_and_counted(
    tmp_path: Path, mark: str, command: str, left: int
) -> None:
    started = time.monotonic()
    result = await run(command, tmp_path, mark=mark)
    assert (result.exit_code, result.output, result.left_running) == (0, "done\n", left)
    assert time.monotonic() - started < 2
    await gone(mark, 0.5)


async def test_cancelling_ends_every_process_before_the_cancellation_goes_on(
    tmp_path: Path, mark: str
) -> None:
    command = "(setsid sleep 60 &); sleep 61 & touch ready; wait"
    running = asyncio.ensure_future(run(command, tmp_path, mark=mark))
    await wait_until((tmp_path / "ready").exists, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert marked_processes(mark) == []


async def test_a_cancellation_waits_while_the_command_cleans_up(tmp_path: Path, mark: str) -> None:
    command = (
        "trap 'sleep 0.6; touch cleaned; exit' TERM; touch ready; while :; do sleep 0.05; done"
    )
    running = asyncio.ensure_future(run(command, tmp_path, mark=mark))
    await wait_until((tmp_path / "ready").exists, 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (tmp_path / "cleaned").exists()
    assert marked_processes(mark) == []


async def test_a_second_cancellation_does_not_wait_and_still_nothing_stays(
    tmp_path: Path, mark: str
) -> None:
    command = "trap '' TERM; touch ready; while :; do sleep 1; done"
    running = asyncio.ensure_future(run(command, tmp_path, mark=mark))
    await wait_until((tmp_path / "ready").exists, 5)
    running.cancel()
    await anyio.lowlevel.checkpoint()
    running.cancel()
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert time.monotonic() - started < 1
    await gone(mark)


SCRIPT = """
import asyncio, sys
from pathlib import Path
from vtcode_tui.workspace.process import run_command

command, cwd, name, mark = sys.argv[1:]
environment = {"PATH": "/usr/bin:/bin", name: mark}
run = run_command(
    command, Path(cwd), timeout_s=60, environment=environment, on_output=lambda text: None
)
asyncio.run(run)
"""


@contextlib.contextmanager
def program_that_runs(command: str, cwd: Path, mark: str) -> Iterator[subprocess.Popen[bytes]]:
    with program_of(SCRIPT, command, str(cwd), MARK, mark) as program:
        yield program


@contextlib.contextmanager
def program_of(script: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", script, *arguments]) as program:
        try:
            yield program
        finally:
            program.kill()


async def test_when_this_program_is_killed_its_commands_end_within_a_second(
    tmp_path: Path, mark: str
) -> None:
    command = "trap '' TERM; (setsid sleep 60 &); sleep 61 & touch ready; while :; do wait; done"
    with program_that_runs(command, tmp_path, mark) as program:
        await wait_until((tmp_path / "ready").exists, 10)
        assert len(marked_processes(mark)) >= 3
        program.kill()
        await gone(mark, 1.0)


async def test_when_program_and_keeper_are_killed_the_command_ends(
    tmp_path: Path, mark: str
) -> None:
    command = "echo $PPID > keeper.new; mv keeper.new keeper; exec sleep 60"
    with program_that_runs(command, tmp_path, mark) as program:
        await wait_until((tmp_path / "keeper").exists, 10)
        keeper = int((tmp_path / "keeper").read_text())
        os.kill(keeper, signal.SIGSTOP)
        program.kill()
        os.kill(keeper, signal.SIGKILL)
        await gone(mark, 1.0)


async def test_a_command_that_kills_its_keeper_ends(tmp_path: Path, mark: str) -> None:
    result = await run("kill -9 $PPID; sleep 60", tmp_path, mark=mark)
    assert result.exit_code is None
    await gone(mark)


async def test_a_command_that_stops_its_keeper_ends_as_soon_as_any_other(
    tmp_path: Path, mark: str
) -> None:
    result = await run("kill -STOP $PPID; sleep 60", tmp_path, timeout_s=0.3, mark=mark)
    assert result.timed_out
    assert result.duration_s < 1.8
    await gone(mark, 0.5)


async def test_a_flood_of_output_is_bounded_and_leaves_the_event_loop_alive(
    tmp_path: Path, mark: str
) -> None:
    chunks: list[str] = []
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    running = asyncio.ensure_future(
        run("yes", tmp_path, timeout_s=1.0, mark=mark, on_output=chunks.append)
    )
    turns = 0
    while not running.done():
        await anyio.sleep(0.005)
        turns += 1
    result = running.result()
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert result.timed_out
    assert turns > 40
    assert grown_kb < 50_000
    assert len(result.output) < 300_000
    assert result.omitted_bytes > 1_000_000
    assert len("".join(chunks)) < STREAMED_BYTES + 200
    assert result.output.endswith("y\n")
    await gone(mark, 0.5)


async def test_a_swarm_of_processes_ends_with_its_time_limit(tmp_path: Path, mark: str) -> None:
    command = "while :; do (setsid sleep 60 &); sleep 60 & done"
    result = await run(command, tmp_path, timeout_s=0.5, mark=mark)
    assert result.duration_s < 4
    await gone(mark, 2)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    await run("true", tmp_path)
    before = open_descriptors()
    for _ in range(5):
        await run("echo x", tmp_path)
    assert open_descriptors() == before


async def test_a_helper_is_ended_when_its_output_is_enough(tmp_path: Path) -> None:
    taken: list[bytes] = []

    def take(chunk: bytes) -> bool:
        taken.append(chunk)
        return False

    result = await run_helper(
        ["/usr/bin/yes"], cwd=str(tmp_path), environment={}, timeout_s=20, on_chunk=take
    )
    assert (result.stopped, result.timed_out, len(taken)) == (True, False, 1)


async def test_a_helper_is_ended_at_its_time_limit(tmp_path: Path, mark: str) -> None:
    result = await run_helper(
        ["/bin/sleep", "60"],
        cwd=str(tmp_path),
        environment={MARK: mark},
        timeout_s=0.2,
        on_chunk=lambda _: True,
    )
    assert (result.stopped, result.timed_out) == (True, True)
    assert marked_processes(mark) == []


HELPER_SCRIPT = """
import asyncio, sys
from vtcode_tui.workspace.process import run_helper

name, mark = sys.argv[1:]
asyncio.run(run_helper(
    ["/bin/sleep", "60"], cwd="/", environment={name: mark}, timeout_s=60, on_chunk=lambda _: True
))
"""


@pytest.mark.skipif(not process._ends_with_this_program(), reason="needs setpriv of util-linux")
async def test_a_helper_is_ended_when_this_program_is_killed(mark: str) -> None:
    with program_of(HELPER_SCRIPT, MARK, mark) as program:
        await wait_until(lambda: any("sleep" in line for line in marked_processes(mark)), 10)
        program.kill()
    await gone(mark, 1.0)


async def test_a_helper_is_ended_by_a_cancellation(tmp_path: Path, mark: str) -> None:
    running = asyncio.ensure_future(
        run_helper(
            ["/bin/sleep", "60"],
            cwd=str(tmp_path),
            environment={MARK: mark},
            timeout_s=20,
            on_chunk=lambda _: True,
        )
    )
    await wait_until(lambda: bool(marked_processes(mark)), 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await gone(mark, 0.5)


async def test_a_helper_gives_its_exit_code_and_errors(tmp_path: Path) -> None:
    result = await run_helper(
        ["/bin/bash", "-c", "echo no >&2; exit 2"],
        cwd=str(tmp_path),
        environment={},
        timeout_s=20,
        on_chunk=lambda _: True,
    )
    assert (result.exit_code, result.errors, result.stopped) == (2, "no\n", False)
