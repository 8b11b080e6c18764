"""A guarded process ends with the one that started it. Real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

GUARDED = (
    "import time; from vtcode_tui.embedded.process_guard import die_with_parent; "
    "die_with_parent(); print('guarded', flush=True); time.sleep(60)"
)
PARENT = (
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE, "
    "stdout=subprocess.PIPE); "
    "child.stdout.readline(); print(child.pid, flush=True); time.sleep(60)"
)


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], bytes]]:
    """A Python process and the first line that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def test_it_ends_when_its_input_closes() -> None:
    with running(GUARDED) as (process, line):
        assert line == b"guarded\n"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def test_what_comes_on_its_input_does_not_end_it() -> None:
    with running(GUARDED) as (process, _):
        assert process.stdin is not None
        process.stdin.write(b"words\n" * 10_000)
        process.stdin.flush()
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once(number: signal.Signals) -> None:
    with running(GUARDED) as (process, _):
        process.send_signal(number)
        assert process.wait(10) == -number


def test_it_ends_when_its_parent_is_killed() -> None:
    with running(PARENT, GUARDED) as (parent, line):
        child = int(line)
        parent.kill()
        deadline = time.monotonic() + 10
        while is_alive(child):
            assert time.monotonic() < deadline, f"process {child} outlived its parent"
            time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text() if Path("/proc/self").exists() else ""
    except (ProcessLookupError, FileNotFoundError):
        return False
    return not status or status.rpartition(")")[2].split()[0] != "Z"
