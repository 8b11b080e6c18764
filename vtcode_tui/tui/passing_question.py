"""A question that needs no answer: typing dismisses it and goes to the prompt."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import ScreenResultType

from vtcode_tui.tui.sheet import Sheet


class PassingQuestion(Sheet[ScreenResultType | None]):
    """Dismisses with None on Esc or on typing; the typed text is in ``typed_ahead``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self.typed_ahead = ""

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character is not None:
            event.stop()
            self.typed_ahead += event.character
            self.finish(None)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.typed_ahead += event.text
        self.finish(None)

    def action_keep(self) -> None:
        self.finish(None)

    def finish(self, answer: ScreenResultType | None) -> None:
        """Dismiss with ``answer``, once."""
        if self.is_active:
            self.dismiss(answer)
