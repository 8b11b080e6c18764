"""What a disk has of a session's file when the power goes: what was brought there, and no byte more.

The app's own calls are noted as they return; the kernel would write the rest within half a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path

_PROGRAM = """\
import os
import sys

ledger = sys.argv.pop(1)

def noting(sync):
    def synced(descriptor):
        before = os.fstat(descriptor)
        sync(descriptor)
        note = f"{ledger}/{before.st_ino}"
        with open(f"{note}-new", "w") as file:
            file.write(str(before.st_size))
        os.replace(f"{note}-new", note)
    return synced

os.fdatasync, os.fsync = noting(os.fdatasync), noting(os.fsync)
from vtcode_tui.cli import entry_point
entry_point()
"""


def noting_command(ledger: Path) -> list[str]:
    """The app, which notes in the directory ``ledger`` how much of which file is on the disk."""
    return [sys.executable, "-c", _PROGRAM, str(ledger)]


def lose_power(path: Path, ledger: Path) -> int:
    """Leave of the file what is noted, nothing of one that has no entry on the disk; the loss in bytes."""
    had = path.stat().st_size
    note = ledger / str(path.stat().st_ino)
    kept = int(note.read_text()) if note.exists() else 0
    directories = list(path.parents[:3])
    if not all((ledger / str(each.stat().st_ino)).exists() for each in directories):
        kept = 0
    assert kept <= had
    if kept:
        with path.open("r+b") as file:
            file.truncate(kept)
    else:
        path.unlink()
    return had - kept
