"""Asks after a turn in plan mode what becomes of the plan. Dismisses with the mode to carry it out
in, or None to go on planning."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.permissions.modes import Mode
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.rendering.tones import TITLE
from vtcode_tui.tui.sheet import Sheet

_ANSWERS: dict[str, tuple[Mode | None, str, str]] = {
    "keep": (None, "Keep planning", "esc, or type on"),
    "ask": ("normal", "Carry it out", "each call asks as your settings say"),
    "edit": ("accept-edits", "Carry it out, edits unasked", "commands still ask"),
}


class PlanQuestion(Sheet[Mode | None]):
    """The focus starts on going on with planning. Whoever types means the prompt: what was typed is
    in ``typed_ahead``, and the question is gone."""

    DEFAULT_CSS = """
    PlanQuestion {
        align: center bottom;
        background: transparent;
        & > #sheet { max-width: 100%; margin: 0 0 1 0; }
        ChoiceGroup { margin: 1 0 0 0; }
    }
    """
    AUTO_FOCUS = "#keep"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self.typed_ahead = ""

    def compose(self) -> ComposeResult:
        width = max(len(label) for _, label, _ in _ANSWERS.values())
        with Vertical(id="sheet"):
            yield Static(Content.styled("Carry out the plan?", TITLE))
            with ChoiceGroup():
                for name, (_, label, detail) in _ANSWERS.items():
                    yield Choice(label, detail, label_width=width, id=name)

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character is not None:
            event.stop()
            self.typed_ahead += event.character
            self._finish(None)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.typed_ahead += event.text
        self._finish(None)

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        self._finish(_ANSWERS[event.choice.id or "keep"][0])

    def action_keep(self) -> None:
        self._finish(None)

    def _finish(self, mode: Mode | None) -> None:
        if self.is_active:
            self.dismiss(mode)
