"""Where the user writes. Enter sends, Shift+Enter and Ctrl+J break the line; Up and Down walk back.

It interprets nothing: a slash command, a command line and a mention are sent as the text they are.
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
        & .composer--token { color: $text-primary; }
        &.-command { border-left: outer $warning; }
        &.-joined { margin: 0; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"composer--token"}

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("composer")

    class Submitted(Message):
        """The user sent ``text``, which is never blank; ``is_now`` into the turn that runs."""

        def __init__(self, text: str, *, is_now: bool = False) -> None:
            super().__init__()
            self.text = text
            self.is_now = is_now

    class ImagePasted(Message):
        """What was pasted names a picture, or is one; it is not in the text. ``text`` is the paste."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """A key asked for what is not in the composer: "up" and "backspace" at its beginning,
        "send" of nothing."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class HelpWanted(Message):
        """A question mark was typed where nothing else stands."""

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
        # One that blinks paints twice a second for as long as it is there.
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.completions = Completions(self)
        self.has_waiting_prompts = False
        """Whether Up from an empty prompt leads to prompts that wait."""
        self._burst = KeyBurst()
        self._held_enter: Timer | None = None
        self._recalled: str | None = None
        self._past = PastPrompts()

    def on_resize(self, event: events.Resize) -> None:
        room = event.size.width - 2 * self.styles.padding.left - 1
        self.placeholder = Content(placeholder_for(room))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Undoing and deleting are left to the app's own use of their keys while there is nothing to
        undo or to delete."""
        is_idle = action == "delete_right" or (action == "undo" and not self.history.undo_stack)
        if is_idle and not self.text:
            return False
        return super().check_action(action, parameters)

    def set_history(self, prompts: Sequence[str]) -> None:
        """``prompts`` sent earlier, the oldest first."""
        self._past.replace(prompts)

    def remember(self, prompt: str) -> None:
        """Make ``prompt`` the newest that Up brings back."""
        self._past.add(prompt)

    def load_draft(self, text: str) -> None:
        """Replaces the text, with the cursor behind it."""
        self._past.rewind()
        self._show(text)

    def recall(self, prompt: str) -> None:
        """Show a prompt of the past; Down leads on to what was being written."""
        self._past.go_to(prompt, self.text)
        self._show(prompt)

    def insert_typed_ahead(self, text: str) -> None:
        """Adds text that was typed while something else had the focus, at the cursor."""
        if text:
            self.insert(clean_input(text))

    async def _on_key(self, event: events.Key) -> None:
        self._settle_held_enter(event)
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

    def _settle_held_enter(self, event: events.Key) -> None:
        """An Enter was held, and now there is another key: was it a line break of a burst?"""
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
            return  # Its timer had fired when the next key settled it.
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
        """Empty it, with Up to bring back what stood in it; that, or nothing where it is blank."""
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
        if self._cursor_row() > 0 or self._past.is_at_oldest:
            self.action_cursor_up()
        else:
            self._show(self._past.older(self.text))

    def action_down_or_newer(self) -> None:
        last_row = self.wrapped_document.height - 1
        if self._cursor_row() < last_row or self._past.is_at_draft:
            self.action_cursor_down()
        else:
            self._show(self._past.newer())

    def _cursor_row(self) -> int:
        """The row of the cursor, counted in rows as they are wrapped."""
        offset: Offset = self.wrapped_document.location_to_offset(self.cursor_location)
        return offset.y

    def _show(self, text: str) -> None:
        self._recalled = clean_input(text)
        self.load_text(self._recalled)
        self.completions.hide()
        self.move_cursor(self.document.end)
