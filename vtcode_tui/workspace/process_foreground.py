"""Runs a user's foreground programs: an editor on the terminal, clipboard readers."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_CLIPBOARD_LIMIT_S = 5.0
_END_LIMIT_S = 2.0
_IMAGE_READERS: tuple[tuple[str, ...], ...] = (
    ("wl-paste", "--no-newline", "--type", "image/png"),
    ("xclip", "-selection", "clipboard", "-target", "image/png", "-out"),
    ("pngpaste", "-"),
)


async def run_on_terminal(argv: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> int:
    """Run a program on this program's terminal, which must have been released; return its exit
    status.

    If the waiting task is cancelled, the program is terminated first. Raises OSError.
    """
    program = await asyncio.to_thread(_started, argv, cwd, environment)
    waiting = asyncio.ensure_future(asyncio.to_thread(program.wait))
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        program.terminate()
        await asyncio.wait([waiting], timeout=_END_LIMIT_S)
        program.kill()
        await waiting
        raise


def _started(
    argv: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (the user's own choice of a program; no shell reads it)
        argv,
        cwd=cwd if cwd.is_dir() else None,  # A directory that is gone is no reason to edit nothing.
        env=dict(environment),
    )


def image_readers(environment: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The programs on this machine that print an image from the clipboard."""
    path = environment.get("PATH", "")
    found = ((shutil.which(words[0], path=path), words) for words in _IMAGE_READERS)
    return tuple((program, *words[1:]) for program, words in found if program is not None)


def clipboard_image(environment: Mapping[str, str], most_bytes: int) -> bytes:
    """The image in the clipboard, or empty; for one that is too large, ``most_bytes`` and one more
    byte. Blocks."""
    for argv in image_readers(environment):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(  # noqa: S603 (one of three fixed lists of words)
                argv,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_CLIPBOARD_LIMIT_S,
                check=False,
                start_new_session=True,
            )
            if done.returncode == 0 and done.stdout:
                return done.stdout[: most_bytes + 1]
    return b""
