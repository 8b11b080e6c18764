"""What Textual itself costs: an app with one input. ``python -m tests.benchmarks.bare_app``."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Input


class BareApp(App[None]):
    """F9 switches the theme, and the cursor does not blink, as in the app that is measured."""

    BINDINGS = [  # noqa: RUF012 - Textual's own way
        Binding("f9", "other_theme", priority=True),
    ]

    def compose(self) -> ComposeResult:
        field = Input(placeholder="Ask for something")
        field.cursor_blink = False
        yield field

    def action_other_theme(self) -> None:
        self.theme = "nord" if self.theme == "textual-dark" else "textual-dark"


if __name__ == "__main__":
    BareApp().run()
