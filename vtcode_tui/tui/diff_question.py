"""Shows a file's change and asks whether to write it. Dismisses with the answer."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.conversation.results import DiffDisplay
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.rendering.tones import TITLE
from vtcode_tui.tui.sheet import Sheet


class DiffQuestion(Sheet[bool]):
    """The focus starts on leaving the file unchanged."""

    DEFAULT_CSS = """
    DiffQuestion {
        PreviewView { margin: 1 0; }
        &.-short PreviewView { margin: 0; }
    }
    """
    AUTO_FOCUS = "#keep"
    fits = "PreviewView"
    other_lines = 3
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "keep", "Keep", show=False),
        Binding("pageup", "scroll_preview(-1)", "Up", show=False),
        Binding("pagedown", "scroll_preview(1)", "Down", show=False),
    ]

    def __init__(self, what: str, display: DiffDisplay, *, do: str) -> None:
        super().__init__()
        self._what = what
        self._display = display
        self._do = do

    def compose(self) -> ComposeResult:
        width = max(len(self._do), len("Leave it"))
        with DialogBody(id="sheet"):
            yield Static(Content.styled(clean_line(self._what, 300), TITLE))
            yield PreviewView(self._display)
            with ChoiceGroup():
                yield Choice("Leave it", "esc", label_width=width, id="keep")
                yield Choice(self._do, label_width=width, id="do")

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        self._finish(event.choice.id == "do")

    def action_scroll_preview(self, pages: int) -> None:
        preview = self.query_one(PreviewView)
        preview.scroll_relative(y=pages * max(1, preview.size.height - 1), animate=False)

    def action_keep(self) -> None:
        self._finish(False)

    def _finish(self, does: bool) -> None:
        if self.is_active:
            self.dismiss(does)
