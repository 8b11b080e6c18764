"""Where the user writes. Enter sends, Shift+Enter and Ctrl+J break the line; Up and Down walk back.

It interprets nothing: a slash command is sent as the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import TextArea

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.completion import CompletionPopup, Completions, KeyUse

_NEWLINE_KEYS = frozenset({"shift+enter", "ctrl+j", "alt+enter", "ctrl+enter"})
_KEPT_AS_IT_IS = re.compile("([\t\u200c\u200d]+)")
_PLACEHOLDER = "Ask for something, or type / for commands"


def clean_input(text: str) -> str:
    """``text`` as it may be edited and sent: line ends as LF, what could act on a terminal marked.

    Tabs and the joiners that emoji and some scripts are written with stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(
        part if _KEPT_AS_IT_IS.fullmatch(part) else clean_text(part)
        for part in _KEPT_AS_IT_IS.split(text)
    )


class Composer(TextArea):
    """One to eight lines high. Posts ``Submitted`` with the text and empties itself."""

    DEFAULT_CSS = """
    Composer {
        width: 1fr;
        height: auto;
        min-height: 1;
        max-height: 8;
        margin: 1 0 0 0;
        border: none;
        border-left: outer $foreground 20%;
        padding: 0 1;
        background: $surface;
        scrollbar-gutter: stable;
        scrollbar-size: 0 1;
        scrollbar-color: $foreground 20%;
        scrollbar-background: $surface;
        &:focus {
            border: none;
            border-left: outer $primary;
        }
        & .text-area--placeholder { color: $foreground 70%; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("composer")

    class Submitted(Message):
        """The user sent ``text``, which is never blank."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class HelpWanted(Message):
        """A question mark was typed where nothing else stands."""

    def __init__(
        self,
        *,
        placeholder: str = _PLACEHOLDER,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        # Textual wraps while it initialises.
        self._wrapped_for: tuple[object, int] | None = None
        super().__init__(
            id=id,
            classes=classes,
            placeholder=Content(placeholder),
            highlight_cursor_line=False,
            show_line_numbers=False,
        )
        self.match_cursor_bracket = False
        self.completions = Completions(self)
        self._recalled: str | None = None
        self._past: list[str] = []
        self._past_index = 0
        self._draft = ""

    def set_history(self, prompts: Sequence[str]) -> None:
        """``prompts`` sent earlier, the oldest first."""
        self._past = list(prompts)
        self._past_index = len(self._past)

    def load_draft(self, text: str) -> None:
        """Replaces the text, with the cursor behind it."""
        self._past_index = len(self._past)
        self._show(text)

    def insert_typed_ahead(self, text: str) -> None:
        """Adds text that was typed while something else had the focus, at the cursor."""
        if text:
            self.insert(clean_input(text))

    async def _on_key(self, event: events.Key) -> None:
        use = self.completions.take_key(event.key)
        if use is not KeyUse.UNUSED:
            event.stop()
            event.prevent_default()
            if use is KeyUse.SEND:
                self._submit()
            return
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._submit()
            return
        if event.key in _NEWLINE_KEYS:
            event.stop()
            event.prevent_default()
            self._replace_selection("\n")
            return
        if event.character == "?" and not self.text:
            event.stop()
            event.prevent_default()
            self.post_message(self.HelpWanted())
            return
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._replace_selection(clean_input(event.text))
        self.focus()

    @on(TextArea.Changed)
    def _offer_completions(self) -> None:
        # A prompt of the past that is walked through is not being typed.
        if self.text == self._recalled:
            self.completions.hide()
            return
        self._recalled = None
        self.completions.changed()

    def _on_blur(self, event: events.Blur) -> None:
        super()._on_blur(event)
        self.completions.hide()

    def take_completion(self, message: CompletionPopup.Taken) -> None:
        """A row of the popup was clicked."""
        if self.completions.take(message.row):
            self._submit()
        self.focus()

    def _replace_selection(self, text: str) -> None:
        start, end = self.selection
        self.replace(text, start, end, maintain_selection_offset=False)

    def _submit(self) -> None:
        text = self.text
        if not text.strip():
            return
        if not self._past or self._past[-1] != text:
            self._past.append(text)
        self._past_index = len(self._past)
        self._draft = ""
        self.load_text("")
        self.post_message(self.Submitted(text))

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """Textual wraps all lines again when the scrollbar appears, though its place is kept."""
        wrapped_for = (self.wrapped_document, self.wrap_width)
        if self._wrapped_for == wrapped_for:
            self._refresh_size()
            return
        self._wrapped_for = wrapped_for
        super()._rewrap_and_refresh_virtual_size()

    def action_up_or_older(self) -> None:
        if self._cursor_row() > 0 or self._past_index == 0:
            self.action_cursor_up()
            return
        if self._past_index == len(self._past):
            self._draft = self.text
        self._past_index -= 1
        self._show(self._past[self._past_index])

    def action_down_or_newer(self) -> None:
        last_row = self.wrapped_document.height - 1
        if self._cursor_row() < last_row or self._past_index == len(self._past):
            self.action_cursor_down()
            return
        self._past_index += 1
        is_draft = self._past_index == len(self._past)
        self._show(self._draft if is_draft else self._past[self._past_index])

    def _cursor_row(self) -> int:
        """The row of the cursor, counted in rows as they are wrapped."""
        offset: Offset = self.wrapped_document.location_to_offset(self.cursor_location)
        return offset.y

    def _show(self, text: str) -> None:
        self._recalled = clean_input(text)
        self.load_text(self._recalled)
        self.completions.hide()
        self.move_cursor(self.document.end)
