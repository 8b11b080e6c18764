"""Commands as real processes: what comes back, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import signal
import uuid
from pathlib import Path

import pytest

from tests.unit.workspace.running import ENVIRONMENT, gone, program_of, run
from tests.unit.workspace.waiting import MARK, marked_processes, wait_until
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace import process
from vtcode_tui.workspace.environment import child_environment
from vtcode_tui.workspace.process import (
    run_helper,
    run_program,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


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
    await gone(mark, 1.0)


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
