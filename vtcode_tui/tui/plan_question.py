"""Asks after a turn in plan mode what to do with the plan. Dismisses with the mode to execute it
in, or None to continue planning."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.permissions.modes import Mode
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.passing_question import PassingQuestion
from vtcode_tui.tui.rendering.tones import TITLE

_ANSWERS: dict[str, tuple[Mode | None, str, str]] = {
    "keep": (None, "Keep planning", "esc, or type on"),
    "ask": ("normal", "Carry it out", "each call asks as your settings say"),
    "edit": ("accept-edits", "Carry it out, edits unasked", "commands still ask"),
}


class PlanQuestion(PassingQuestion[Mode]):
    """The focus starts on continuing to plan."""

    DEFAULT_CSS = """
    PlanQuestion {
        align: center bottom;
        background: transparent;
        & > #sheet { max-width: 100%; margin: 0 0 1 0; }
        ChoiceGroup { margin: 1 0 0 0; }
    }
    """
    AUTO_FOCUS = "#keep"

    def compose(self) -> ComposeResult:
        width = max(len(label) for _, label, _ in _ANSWERS.values())
        with DialogBody(id="sheet"):
            yield Static(Content.styled("Carry out the plan?", TITLE))
            with ChoiceGroup():
                for name, (_, label, detail) in _ANSWERS.items():
                    yield Choice(label, detail, label_width=width, id=name)

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        self.finish(_ANSWERS[event.choice.id or "keep"][0])
