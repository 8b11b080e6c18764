"""Shows how a pull goes on. Dismisses with True when it is done, False when the user cancels."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from vtcode_tui.transcript.clean import clean_line


class PullScreen(ModalScreen[bool]):
    """``name`` is the model that is pulled."""

    DEFAULT_CSS = """
    PullScreen {
        align: center middle;
        & > #sheet {
            width: 72;
            max-width: 100%;
            height: auto;
            background: $surface;
            border-left: outer $primary;
            padding: 1 2;
        }
        Static { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #progress { margin: 1 0; }
        #hint { color: $foreground-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._model = name

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            title = f"Pulling {clean_line(self._model, 60)}"
            yield Static(Content.styled(title, "bold $text-primary"))
            yield Static(Content("asking the server…"), id="progress")
            yield Static(Content("esc cancels; what has come is kept by the server"), id="hint")

    def show(self, progress: str) -> None:
        """One line of progress, as untrusted text."""
        if self.is_mounted:
            self.query_one("#progress", Static).update(
                Content(clean_line(progress, 200)), layout=False
            )

    def fail(self) -> None:
        """The pull ended without the model."""
        if self.is_active:
            self.dismiss(False)

    def action_cancel(self) -> None:
        self.fail()
