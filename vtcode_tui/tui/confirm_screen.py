"""Confirms an action that cannot be undone. Dismisses with whether to do it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.rendering.tones import EMPHASIS
from vtcode_tui.tui.sheet import Sheet


class ConfirmScreen(Sheet[bool]):
    """``what`` is the question, ``subject`` what it concerns; the focus starts on ``keep``."""

    DEFAULT_CSS = """
    ConfirmScreen {
        & > #sheet { max-width: 72; border-left: outer $warning; }
        #subject { margin: 0 0 1 0; color: $foreground 70%; }
    }
    """
    AUTO_FOCUS = "#keep"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep", show=False)]

    def __init__(self, what: str, subject: str, *, do: str, keep: str) -> None:
        super().__init__()
        self._what = what
        self._subject = subject
        self._do = do
        self._keep = keep

    def compose(self) -> ComposeResult:
        width = max(len(self._do), len(self._keep))
        with DialogBody(id="sheet"):
            yield Static(Content.styled(clean_line(self._what), EMPHASIS))
            yield Static(Content(clean_line(self._subject, 200)), id="subject")
            with ChoiceGroup():
                yield Choice(self._keep, "esc", label_width=width, id="keep")
                yield Choice(self._do, label_width=width, id="do")

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        self._answer(event.choice.id == "do")

    def action_keep(self) -> None:
        self._answer(False)

    def _answer(self, does: bool) -> None:
        if self.is_active:
            self.dismiss(does)
