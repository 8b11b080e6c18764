"""Commands that tests run, and how to see that they are gone."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.unit.workspace.waiting import MARK, marked_processes, wait_until
from vtcode_tui.workspace.environment import child_environment
from vtcode_tui.workspace.process import (
    CommandResult,
    run_command,
)

ENVIRONMENT = child_environment({"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})


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


@contextlib.contextmanager
def program_of(script: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", script, *arguments]) as program:
        try:
            yield program
        finally:
            program.kill()


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
