"""A command cannot write to the user's terminal behind the screen's back."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.unit.workspace.sandboxes import WORKING

PROGRAM = """
import asyncio, fcntl, os, sys, termios
from pathlib import Path
from tests.unit.workspace.sandboxes import WORKING, Shell, made_place

os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.close(os.open("/dev/tty", os.O_WRONLY))

async def main():
    mechanisms = [mechanism for mechanism in WORKING if mechanism.kind == sys.argv[1]]
    with made_place() as place:
        shell = Shell(place, place.sandbox(*mechanisms))
        result = await shell.run(sys.argv[2])
        assert result.exit_code != 0, result
        print("tried", (await shell.sandbox.state()).kind, flush=True)

asyncio.run(main())
"""
CLIPBOARD = r"printf '\033]52;c;cHduZWQ=\007' > /dev/tty"
COMMANDS = [
    CLIPBOARD,
    f'setsid -c -w bash -c "{CLIPBOARD}"',
    "exec > /dev/tty && echo pwned",
]
KINDS = ["no sandbox", *(str(mechanism.kind) for mechanism in WORKING)]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_command_writes_to_the_terminal_arrives(
    tmp_path: Path, kind: str, command: str
) -> None:
    with opened_terminal() as (terminal, its_end):
        run_on(its_end, kind, command, tmp_path)
        assert read_all(terminal) == f"tried {kind}\r\n".encode()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_in_a_sandbox_the_terminal_is_not_reached_by_its_own_name_either(
    tmp_path: Path, kind: str
) -> None:
    with opened_terminal() as (terminal, its_end):
        run_on(its_end, kind, f"echo pwned > {os.ttyname(its_end)}", tmp_path)
        assert read_all(terminal) == f"tried {kind}\r\n".encode()


@contextmanager
def opened_terminal() -> Iterator[tuple[int, int]]:
    terminal, its_end = pty.openpty()
    try:
        yield terminal, its_end
    finally:
        os.close(terminal)
        os.close(its_end)


def run_on(its_end: int, kind: str, command: str, directory: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, kind, command]
    with (directory / "errors").open("wb") as errors:
        done = subprocess.run(
            words, stdin=its_end, stdout=its_end, stderr=errors, check=False, timeout=60
        )
    assert done.returncode == 0, (directory / "errors").read_text()


def read_all(descriptor: int) -> bytes:
    """All that is there to read now."""
    os.set_blocking(descriptor, False)
    found = b""
    with suppress(BlockingIOError):
        while chunk := os.read(descriptor, 4096):
            found += chunk
    return found
