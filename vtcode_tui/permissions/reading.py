"""The read-only commands, allowed without a question if the user allows commands and lists none."""

from __future__ import annotations

from vtcode_tui.permissions.git_commands import SUBCOMMANDS
from vtcode_tui.permissions.programs import READERS

READING_COMMANDS: tuple[str, ...] = (
    *sorted(" ".join(name) for name in READERS),
    "find",
    *sorted(" ".join(("git", *name)) for name in SUBCOMMANDS),
)
