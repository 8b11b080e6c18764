"""Starts a program where the file system is as a test wants it: small, or not to be written to.

The mounts are in a namespace of their own and end with the program.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

_UNSHARE = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def mounted(command: Sequence[str], *mounts: str) -> list[str]:
    """``command`` where ``mounts`` are; as the child of a shell, whose /proc/PID/root shows them.

    Skips the test, with the system's own words, where nothing can be mounted.
    """
    refusal = _refusal()
    if refusal:
        pytest.skip(f"nothing can be mounted here: {refusal}")
    return [*_UNSHARE, "sh", "-ec", f"{'; '.join(mounts)}; {shlex.join(command)}"]


def small(path: Path, size_bytes: int) -> str:
    """A disk of ``size_bytes`` at ``path``, which is there already."""
    return f"mount -t tmpfs -o mode=700,size={size_bytes} none {shlex.quote(str(path))}"


def read_only(path: Path) -> str:
    """What is at ``path`` cannot be written, not even by root."""
    quoted = shlex.quote(str(path))
    return f"mount --bind {quoted} {quoted}; mount -o remount,bind,ro {quoted}"


@cache
def _refusal() -> str:
    command = [*_UNSHARE, "mount", "-t", "tmpfs", "none", "/tmp"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except OSError as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""
