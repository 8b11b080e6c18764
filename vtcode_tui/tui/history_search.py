"""Searches the prompts sent in this workspace. Dismisses with one of them, or None."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from vtcode_tui.conversation.wording import counted
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.field import QueryField
from vtcode_tui.tui.rendering.tones import MUTED, TITLE
from vtcode_tui.tui.sheet import Hint, Sheet

_MOST_ROWS = 200
_LONGEST_ROW = 300
_HINT = "type to search · enter take · esc back"


class HistorySearch(Sheet[str | None]):
    """``prompts`` are oldest first; the newest match is selected."""

    DEFAULT_CSS = """
    HistorySearch {
        align: center bottom;
        #hint { margin: 1 0 0 0; }
        &.-short #hint { margin: 0; }
    }
    """
    AUTO_FOCUS = "#query"
    fits = "OptionList"
    most_lines = 12
    other_lines = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("up", "move('cursor_up')", "Up", show=False, priority=True),
        Binding("down", "move('cursor_down')", "Down", show=False, priority=True),
        Binding("ctrl+r", "move('cursor_down')", "Older", show=False, priority=True),
        Binding("pageup", "move('page_up')", "Page up", show=False, priority=True),
        Binding("pagedown", "move('page_down')", "Page down", show=False, priority=True),
    ]

    def __init__(self, prompts: Sequence[str], query: str = "") -> None:
        super().__init__()
        self._prompts = tuple(dict.fromkeys(reversed(prompts)))
        self._shown: list[str] = []
        self._initial_query = query

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield Static(Content.styled("Prompts sent here before", TITLE))
            yield QueryField(self._initial_query, placeholder="search", id="query")
            yield OptionList(markup=False)
            yield Hint(_HINT)

    def on_mount(self) -> None:
        self._search(self._initial_query)

    @on(Input.Changed)
    def _search_again(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def _search(self, query: str) -> None:
        self._shown = find_prompts(self._prompts, query)[:_MOST_ROWS]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_row(prompt)) for prompt in self._shown])
        if self._shown:
            options.highlighted = 0
        note = _HINT if self._shown else "No prompt has these words. · esc back"
        self.query_one(Hint).update(Content(note))

    def action_move(self, how: str) -> None:
        getattr(self.query_one(OptionList), f"action_{how}")()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        row = self.query_one(OptionList).highlighted
        if row is not None and self._shown:
            self._answer(self._shown[row])

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._answer(self._shown[event.option_index])

    def action_back(self) -> None:
        self._answer(None)

    def _answer(self, prompt: str | None) -> None:
        if self.is_active:
            self.dismiss(prompt)


def find_prompts(prompts: Sequence[str], query: str) -> list[str]:
    """The prompts that contain all words of ``query``, ignoring case, in order."""
    words = query.lower().split()
    return [prompt for prompt in prompts if all(word in prompt.lower() for word in words)]


def _row(prompt: str) -> Content:
    first, _, rest = prompt.strip().partition("\n")
    line = Content(clean_line(first, _LONGEST_ROW))
    if not rest:
        return line
    more = f"  +{counted(rest.count(chr(10)) + 1, 'line')}"
    return Content.assemble(line, (more, MUTED))
