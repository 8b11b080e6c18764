"""The app, which is killed between two of its own calls to the system that touch files."""

from __future__ import annotations

import sys
from pathlib import Path

CALLS = ("open", "write", "fdatasync", "fsync", "replace", "rename", "ftruncate", "mkdir", "unlink")

_PROGRAM = f"""\
import itertools
import os
import signal
import sys

dies_at = int(sys.argv.pop(1))
calls = itertools.count(1)
is_counting = False

def is_session(descriptor):
    return os.readlink(f"/proc/self/fd/{{descriptor}}").endswith(".jsonl")

def counted(name, call):
    def called(*arguments, **options):
        global is_counting
        if not is_counting and name == "write":
            is_counting = is_session(arguments[0])
        if is_counting and next(calls) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)
    return called

for name in {CALLS}:
    setattr(os, name, counted(name, getattr(os, name)))
from vtcode_tui.cli import entry_point
entry_point()
"""


def dying_command(dies_at: int) -> list[str]:
    """Counts from the first write to a session; the call of the number ``dies_at`` is not made."""
    return [sys.executable, "-c", _PROGRAM, str(dies_at)]


def is_gone(pid: int | None) -> bool:
    """Whether the process has ended, be it waited for or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # The second when it goes after the opening.
        return True
    return state == "Z"
