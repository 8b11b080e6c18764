"""However a command ends, no process of it stays: time limits, cancellations, kills and swarms."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
import uuid
from pathlib import Path

import anyio
import pytest

from tests.unit.workspace.running import gone, program_that_runs, run
from tests.unit.workspace.waiting import marked_processes, wait_until
from vtcode_tui.workspace.process import (
    STREAMED_BYTES,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


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
