"""Edits a text in the user's editor, which gets the whole terminal meanwhile."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from textual.app import App, SuspendNotSupported

from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import VtcodeError
from vtcode_tui.tui.signals import terminal_lent
from vtcode_tui.workspace.lent_files import LentText
from vtcode_tui.workspace.process_foreground import run_on_terminal

_SIGNAL_DELAY_S = 0.05
_USUAL_EDITORS = ("nano", "vim", "vi")


async def edit_text(
    app: App[int], text: str, launch: Launch, keep: Callable[[str], None] | None = None
) -> str:
    """``text`` as edited, without the final line end that editors add.

    If the waiting task is cancelled, the editor is terminated and ``keep`` gets what it had saved.
    Raises VtcodeError if there is no editor, if it fails, or if the terminal cannot be handed over;
    the text is then unchanged.
    """
    words = editor_words(launch.environ)
    lent = await asyncio.to_thread(_lend, launch.state_dir, text)
    try:
        status = await _run(app, [*words, str(lent.path)], launch)
        if status != 0:
            raise VtcodeError(
                f"The editor ended with status {status}: the prompt is as it was.",
                why=f"It was {shlex.join(words)}.",
                advice="To use another one, set $VISUAL or $EDITOR.",
            )
        return await asyncio.to_thread(lent.text)
    except asyncio.CancelledError:
        if keep is not None:
            with suppress(OSError):
                keep(lent.text())
        raise
    except OSError as error:
        raise VtcodeError(
            "The editor did not work: the prompt is as it was.",
            why=f"{shlex.join(words)}: {error.strerror or error}",
            advice="Set $VISUAL or $EDITOR to an editor that is installed.",
        ) from error
    finally:
        lent.take_back()


def editor_words(environ: Mapping[str, str]) -> list[str]:
    """The editor's command: $VISUAL, $EDITOR, or a common one. Raises VtcodeError if there is none."""
    named = environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip()
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise VtcodeError(
            "The editor cannot be started.",
            why=f"$VISUAL or $EDITOR is not a command: {error}",
            advice="Set it to one: export EDITOR=vim",
        ) from None
    if words:
        return words
    usual = (shutil.which(name, path=environ.get("PATH", "")) for name in _USUAL_EDITORS)
    found = next(filter(None, usual), None)
    if found is None:
        raise VtcodeError(
            "There is no editor to open.",
            why="$VISUAL and $EDITOR are not set.",
            advice="Set one: export EDITOR=vim",
        )
    return [found]


def _lend(state_dir: Path, text: str) -> LentText:
    try:
        return LentText(state_dir, text)
    except OSError as error:
        raise VtcodeError(
            "The prompt cannot be handed to an editor.",
            why=error.strerror or str(error),
            advice=f"See whether there is room and leave to write: df {shlex.quote(str(state_dir))}",
        ) from error


async def _run(app: App[int], argv: list[str], launch: Launch) -> int:
    # Changes meanwhile are painted after the terminal is back.
    with app.batch_update(), terminal_lent:
        try:
            with app.suspend():
                outcome = await _status_or_error(argv, launch)
        except SuspendNotSupported:
            raise VtcodeError(
                "An editor cannot be opened here.",
                why="This terminal cannot be given over to another program.",
                advice="Write the prompt here: Shift+Enter or Ctrl+J breaks the line.",
            ) from None
        # The loop receives a Ctrl+C that was meant for the editor only after the editor has ended.
        await asyncio.sleep(_SIGNAL_DELAY_S)
    app.refresh(layout=True)
    if isinstance(outcome, OSError):
        raise outcome
    return outcome


async def _status_or_error(argv: list[str], launch: Launch) -> int | OSError:
    """Run the editor and return its status or its error: Textual restores the terminal only if
    nothing raises meanwhile."""
    try:
        return await run_on_terminal(argv, launch.workspace, launch.environ)
    except OSError as error:
        return error
