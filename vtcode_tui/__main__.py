"""``python -m vtcode_tui``."""

from vtcode_tui.cli import entry_point

entry_point()
