"""Writes to this machine's clipboard through a program. Blocking."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

_LIMIT_S = 5.0
_WRITERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("pbcopy",)),
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard", "-in")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("TMUX", ("tmux", "load-buffer", "-w", "-")),
)
"""The variable without which a program has no clipboard to write to, and its words. By itself tmux
takes no text from a program in it; with -w, from 3.2 on, it hands it on to the terminal."""


def clipboard_writer(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """The command line of the clipboard program, or None if there is none."""
    path = environment.get("PATH", "")
    for variable, words in _WRITERS:
        program = shutil.which(words[0], path=path)
        if program is not None and (not variable or environment.get(variable)):
            return (program, *words[1:])
    return None


def write_clipboard(argv: tuple[str, ...], text: str, environment: Mapping[str, str]) -> bool:
    """Whether the program took the text. It may keep running to serve the text."""
    try:
        done = subprocess.run(  # noqa: S603 (one of a fixed list of words)
            argv,
            env=dict(environment),
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LIMIT_S,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
