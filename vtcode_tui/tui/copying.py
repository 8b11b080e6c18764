"""Copies text to the clipboard by every available means and reports which worked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import PurePath

from textual.app import App

from vtcode_tui.conversation.wording import counted
from vtcode_tui.workspace.process_clipboard import clipboard_writer, write_clipboard

_TERMINALS_LIMIT = 74_000
"""Base64 characters above which some terminals refuse a text."""


async def copy_text(
    app: App[int], text: str, what: str, environ: Mapping[str, str], tell: Callable[[str], None]
) -> None:
    """Copy ``text`` by every available means and ``tell`` the result. ``what`` names it, or is
    empty."""
    app.copy_to_clipboard(text)
    program = await copy_by_program(text, environ)
    tell(copied_words(text, what, program, environ))


async def copy_by_program(text: str, environ: Mapping[str, str]) -> str:
    """The name of the clipboard program that took the text, or empty."""
    argv = clipboard_writer(environ)
    if argv is None or not await asyncio.to_thread(write_clipboard, argv, text, environ):
        return ""
    return PurePath(argv[0]).name


def copied_words(text: str, what: str, program: str, environ: Mapping[str, str]) -> str:
    """A sentence on what was copied, and what to do if that was not enough."""
    lines = text.count("\n") + 1
    size = counted(lines, "line") if lines > 1 else counted(len(text), "character")
    done = f"Copied {what + ', ' if what else ''}{size}"
    if program:
        return f"{done} ({program})."
    if len(text) * 4 // 3 > _TERMINALS_LIMIT:
        return f"{done} by way of the terminal (OSC 52), which may refuse so much."
    if environ.get("TMUX"):
        return f"{done} by way of tmux: if nothing comes, run: tmux set -g set-clipboard on"
    return f"{done} by way of the terminal (OSC 52)."
