"""The real command with one more key: F9 switches the theme. ``python -m tests.benchmarks.themed_app``."""

from __future__ import annotations

from textual.binding import Binding

from vtcode_tui.cli import entry_point
from vtcode_tui.tui import app as tui_app


class ThemedApp(tui_app.VtcodeApp):
    BINDINGS = [Binding("f9", "other_theme", priority=True)]  # noqa: RUF012 - Textual's own way

    def action_other_theme(self) -> None:
        self.theme = "nord" if self.theme != "nord" else "textual-dark"


if __name__ == "__main__":
    setattr(tui_app, "VtcodeApp", ThemedApp)  # noqa: B010 - run_app looks it up there
    entry_point()
