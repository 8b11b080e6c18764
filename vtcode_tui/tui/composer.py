"""The prompt's text area. Enter sends, Shift+Enter and Ctrl+J insert a line break, Up and Down walk
through earlier prompts.

It interprets nothing: slash commands, command lines and mentions are sent as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.completion import CompletionPopup, Completions, KeyUse
from vtcode_tui.tui.echo import paint_now
from vtcode_tui.tui.field import run_own_binding
from vtcode_tui.tui.folding_area import FoldingArea, clean_input
from vtcode_tui.tui.hints import PLACEHOLDERS, placeholder_for
from vtcode_tui.tui.key_burst import HOLD_S, KeyBurst
from vtcode_tui.tui.mentions import mentions_in
from vtcode_tui.tui.past_prompts import PastPrompts
from vtcode_tui.tui.pasted_images import image_paste

_NEWLINE_KEYS = frozenset({"shift+enter", "ctrl+j", "alt+enter", "ctrl+enter"})


class Composer(FoldingArea):
    """The prompt, one to eight lines high. Posts ``Submitted`` with the text and clears itself."""

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
        & .composer--token { color: $text-primary; }
        &.-command { border-left: outer $warning; }
        &.-joined { margin: 0; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"composer--token"}

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("composer")

    class Submitted(Message):
        """The user sent ``text``, which is never blank. With ``is_now`` it goes into the running
        turn."""

        def __init__(self, text: str, *, is_now: bool = False) -> None:
            super().__init__()
            self.text = text
            self.is_now = is_now

    class ImagePasted(Message):
        """The pasted ``text`` names an image or contains one; it was not inserted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """A key was pressed that acts outside the composer: "up" or "backspace" at its beginning,
        or "send" while it is empty."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class HelpWanted(Message):
        """A question mark was typed into the empty prompt."""

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(
            id=id,
            classes=classes,
            placeholder=Content(PLACEHOLDERS[0]),
        )
        # A blinking cursor repaints twice a second.
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.completions = Completions(self)
        self.has_waiting_prompts = False
        """Whether Up in the empty prompt moves to the waiting prompts."""
        self._burst = KeyBurst()
        self._held_enter: Timer | None = None
        self._recalled: str | None = None
        self._past_prompts = PastPrompts()

    def on_resize(self, event: events.Resize) -> None:
        room = event.size.width - 2 * self.styles.padding.left - 1
        self.placeholder = Content(placeholder_for(room))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disables undo and delete while there is nothing to undo or delete, so that the app's
        bindings of these keys run."""
        is_idle = action == "delete_right" or (action == "undo" and not self.history.undo_stack)
        if is_idle and not self.text:
            return False
        return super().check_action(action, parameters)

    def set_history(self, prompts: Sequence[str]) -> None:
        """Set the prompts that were sent earlier, oldest first."""
        self._past_prompts.replace(prompts)

    def remember(self, prompt: str) -> None:
        """Add ``prompt`` as the newest one that Up brings back."""
        self._past_prompts.add(prompt)

    def load_draft(self, text: str) -> None:
        """Replace the text and put the cursor at its end."""
        self._past_prompts.rewind()
        self._show(text)

    def recall(self, prompt: str) -> None:
        """Show an earlier prompt; Down returns to the draft."""
        self._past_prompts.go_to(prompt, self.text)
        self._show(prompt)

    def insert_typed_ahead(self, text: str) -> None:
        """Insert at the cursor text that was typed while something else had the focus."""
        if text:
            self.insert(clean_input(text))

    async def _on_key(self, event: events.Key) -> None:
        self._resolve_held_enter(event)
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            if self._burst.holds_enter(event.time):
                self._held_enter = self.set_timer(HOLD_S, self._release_enter)
            else:
                self._enter()
            return
        if event.is_printable:
            self._burst.typed(event.time)
        if self.completions.take_key(event.key) is not KeyUse.UNUSED:
            event.stop()
            event.prevent_default()
            return
        if event.key in _NEWLINE_KEYS:
            event.stop()
            event.prevent_default()
            self.replace_selection("\n")
            return
        if event.key == "backspace" and self.cursor_location == (0, 0) and self.selection.is_empty:
            event.stop()
            event.prevent_default()
            self.post_message(self.Left("backspace"))
            return
        if event.character == "?" and not self.text:
            event.stop()
            event.prevent_default()
            self.post_message(self.HelpWanted())
            return
        if not event.is_printable and await run_own_binding(self, event):
            return
        await super()._on_key(event)
        paint_now(self)

    def _enter(self) -> None:
        use = self.completions.take_key("enter")
        row, column = self.cursor_location
        if use is KeyUse.UNUSED and self.document.get_line(row)[:column].endswith("\\"):
            self.replace("\n", (row, column - 1), (row, column), maintain_selection_offset=False)
        elif use is not KeyUse.TAKEN:
            self._submit()

    def _resolve_held_enter(self, event: events.Key) -> None:
        """Decide about a held Enter now that another key came: text after it makes it a line break
        of a paste."""
        if self._held_enter is None:
            return
        self._held_enter.stop()
        if event.is_printable or event.key == "enter":
            self._held_enter = None
            self.replace_selection("\n")
            self._burst.broke_line(event.time)
        else:
            self._release_enter()

    def _release_enter(self) -> None:
        if self._held_enter is None:
            return  # Its timer had already fired when the next key decided about it.
        self._held_enter = None
        if self._burst.has_break:
            self.replace_selection("\n")
        else:
            self._enter()

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.focus()
        if image_paste(event.text) is not None:
            self.post_message(self.ImagePasted(event.text))
        else:
            self.insert_paste(event.text)

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        spans = self.folds.spans(line.plain)
        spans += [(each.start, each.end) for each in mentions_in(line.plain)]
        if spans:
            style = self.get_component_rich_style("composer--token", partial=True)
            for start, end in spans:
                line.stylize(style, start, end)
        return line

    @on(TextArea.Changed)
    def _offer_completions(self) -> None:
        self.set_class(self.text.startswith("!"), "-command")
        # Walking through earlier prompts is not typing.
        if self.text == self._recalled:
            self.completions.hide()
            return
        self._recalled = None
        self.completions.changed()

    def _on_blur(self, event: events.Blur) -> None:
        super()._on_blur(event)
        self.completions.hide()

    def take_completion(self, message: CompletionPopup.Taken) -> None:
        """Apply the completion row that was clicked."""
        if self.completions.take(message.row):
            self._submit()
        self.focus()

    def action_send_now(self) -> None:
        if self.text.strip():
            self._submit(is_now=True)
        else:
            self.post_message(self.Left("send"))

    def _submit(self, *, is_now: bool = False) -> None:
        text = self.set_aside()
        if text:
            self.post_message(self.Submitted(text, is_now=is_now))

    def set_aside(self) -> str:
        """Clear the prompt so that Up brings it back; return its text, or empty if it was blank."""
        text = self.expanded()
        if not text.strip():
            return ""
        self.remember(text)
        self.load_text("")
        self.folds.forget()
        self._burst = KeyBurst()
        return text

    def action_up_or_older(self) -> None:
        if self.has_waiting_prompts and not self.text:
            self.post_message(self.Left("up"))
            return
        if self._cursor_row() > 0 or self._past_prompts.is_at_oldest:
            self.action_cursor_up()
        else:
            self._show(self._past_prompts.older(self.text))

    def action_down_or_newer(self) -> None:
        last_row = self.wrapped_document.height - 1
        if self._cursor_row() < last_row or self._past_prompts.is_at_draft:
            self.action_cursor_down()
        else:
            self._show(self._past_prompts.newer())

    def _cursor_row(self) -> int:
        """The cursor's row, counted in wrapped rows."""
        offset: Offset = self.wrapped_document.location_to_offset(self.cursor_location)
        return offset.y

    def _show(self, text: str) -> None:
        self._recalled = clean_input(text)
        self.load_text(self._recalled)
        self.completions.hide()
        self.move_cursor(self.document.end)
