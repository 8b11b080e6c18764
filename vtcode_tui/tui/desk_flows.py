"""The operations behind /theme, /diff and /init."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App
from textual.content import Content

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.conversation.results import DiffDisplay, change_counts
from vtcode_tui.conversation.wording import counted
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.asking import ask_screen
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED

if TYPE_CHECKING:
    from vtcode_tui.agent.session_changes import SessionChanges

DEFAULT_THEME = "textual-dark"
_MARGIN = 10
_WIDEST = 96
_NOT_COVERED = "What commands changed is not included: only the file tools keep old contents."
_NO_CHANGES = f"The file tools changed nothing in this run, or it was put back. {_NOT_COVERED}"


async def choose_theme(app: App[int], bench: Workbench, notice: Callable[[str], None]) -> None:
    """Let the user choose a theme. Raises ConfigError if the choice cannot be saved."""
    from vtcode_tui.config.editor import save_value
    from vtcode_tui.tui.theme_picker import ThemePicker

    picked = await ask_screen(app, ThemePicker(sorted(app.available_themes), app.theme))
    if picked is None or not picked.saves:
        return
    # A theme is the user's preference, not the project's.
    path = bench.launch.loaded.files[0].path
    await asyncio.to_thread(save_value, path, "ui.theme", picked.name)
    notice(f"Saved the theme {picked.name} to {path}")


async def show_changes(app: App[int], bench: Workbench, notice: Callable[[str], None]) -> None:
    """Show what this run changed. Raises WorkspaceError if the old contents cannot be read."""
    from vtcode_tui.agent.session_changes import session_changes
    from vtcode_tui.tui.text_sheet import TextSheet

    changes = await asyncio.to_thread(session_changes, await bench.files())
    if not changes.diffs and not changes.notes:
        notice(_NO_CHANGES)
        return
    width = max(20, min(app.size.width - _MARGIN, _WIDEST))
    text = await asyncio.to_thread(_changes_text, changes, width)
    app.push_screen(TextSheet(_title(changes), text))


async def write_initial_config(
    app: App[int], bench: Workbench, notice: Callable[[str], None]
) -> None:
    """Offer to write vtcode.toml. Raises ConfigError if the file cannot be changed."""
    from vtcode_tui.agent.initial_config import initial_config
    from vtcode_tui.agent.trusting import save_settings
    from vtcode_tui.tui.appearance import theme_for
    from vtcode_tui.tui.diff_question import DiffQuestion

    # A theme that was selected for a terminal of few colours is not the user's choice.
    default = theme_for(app.console.color_system) or DEFAULT_THEME
    initial = await asyncio.to_thread(initial_config, bench, theme=app.theme, default_theme=default)
    if initial is None:
        notice("There is nothing to write: every setting in use is a default or already in a file.")
        return
    question = DiffQuestion("Write vtcode.toml?", DiffDisplay(initial.diff), do="Write it")
    if await ask_screen(app, question):
        path = await asyncio.to_thread(save_settings, bench.launch, initial.values)
        notice(f"Wrote {path}. /init agents lets the model draft an AGENTS.md.")


def _title(changes: SessionChanges) -> str:
    added = sum(diff.added for diff in changes.diffs)
    removed = sum(diff.removed for diff in changes.diffs)
    files = counted(len(changes.diffs), "file")
    return f"Changed in this run: {files}, {change_counts(added, removed)}"


def _changes_text(changes: SessionChanges, width: int) -> Content:
    from vtcode_tui.tui.rendering.diff import diff_lines

    lines: list[Content] = []
    for diff in changes.diffs:
        new = "  new" if diff.is_new_file else ""
        counts = f"  {change_counts(diff.added, diff.removed)}{new}"
        lines.append(Content.assemble((clean_line(diff.path, 300), EMPHASIS), (counts, MUTED)))
        lines += [*diff_lines(diff, width), Content("")]
    lines += [Content.styled(clean_line(note, 300), MUTED) for note in changes.notes]
    lines.append(Content.styled(_NOT_COVERED, MUTED))
    return Content("\n").join(lines)
