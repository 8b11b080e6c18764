"""The line with the search text and the number of matches in the conversation."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from vtcode_tui.tui.field import Field

_HELP = "enter, then n and N · ↑ ↓ · esc end"
_HELP_WALKING = "n next · N previous · esc end"


class FindBar(Horizontal):
    """One line, mounted when it is opened. It does not search itself."""

    DEFAULT_CSS = """
    FindBar {
        display: none;
        height: 1;
        background: $surface;
        & > #find-label { width: auto; padding: 0 1 0 2; color: $text-primary; text-style: bold; }
        & > Field { min-width: 8; }
        & > #find-count { width: auto; padding: 0 2; }
        & > #find-help { width: auto; max-width: 40; padding: 0 1; color: $foreground 70%; }
        &.-open { display: block; }
        &.-narrow > #find-help { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "walk", "Walk the matches", show=False),
        Binding("down", "step(1)", "Next", show=False),
        Binding("up", "step(-1)", "Previous", show=False),
        Binding("escape", "close", "End", show=False),
    ]

    class Wanted(Message):
        """Search for ``query``; empty ends the search."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Stepped(Message):
        """Go to the next or the previous match."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Left(Message):
        """The user continues among the matches in the conversation."""

    class Closed(Message):
        """The search ended."""

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self, query: str = "") -> None:
        """Show it with ``query``, or the last search text selected."""
        if not self.children:
            self.mount(
                Static(Content("Find"), id="find-label"),
                Field(id="find-input"),
                Static(Content(""), id="find-count"),
                Static(Content(_HELP), id="find-help"),
            )
        field = self.query_one(Input)
        self.add_class("-open")
        self.query_one("#find-help", Static).update(Content(_HELP))
        field.focus()
        if query:
            field.value = query
        field.action_select_all()
        if field.value:
            self.post_message(self.Wanted(field.value))

    def close(self) -> None:
        self.remove_class("-open")

    def show_count(self, number: int, total: int, *, is_complete: bool) -> None:
        words = f"{number:,} of {total:,}" if total else "none" if is_complete else ""
        self.query_one("#find-count", Static).update(Content(words + ("" if is_complete else "…")))

    def on_resize(self) -> None:
        self.set_class(self.size.width < 72, "-narrow")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not event.value.strip():
            self.query_one("#find-count", Static).update(Content(""))
        if self.is_open:
            self.post_message(self.Wanted(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_walk()

    def action_walk(self) -> None:
        self.query_one("#find-help", Static).update(Content(_HELP_WALKING))
        self.post_message(self.Left())

    def action_step(self, step: int) -> None:
        self.post_message(self.Stepped(step))

    def action_close(self) -> None:
        self.post_message(self.Closed())
