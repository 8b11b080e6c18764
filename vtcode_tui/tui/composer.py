"""Where the user writes. Enter sends, Shift+Enter and Ctrl+J break the line; Up and Down walk back.

It interprets nothing: a slash command, a command line and a mention are sent as the text they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.completion import CompletionPopup, Completions, KeyUse
from vtcode_tui.tui.echo import paint_now
from vtcode_tui.tui.field import run_own_binding
from vtcode_tui.tui.folds import Folds, is_long
from vtcode_tui.tui.hints import PLACEHOLDERS, placeholder_for
from vtcode_tui.tui.key_burst import HOLD_S, KeyBurst
from vtcode_tui.tui.mentions import mentions_in
from vtcode_tui.tui.pasted_images import image_paste

_NEWLINE_KEYS = frozenset({"shift+enter", "ctrl+j", "alt+enter", "ctrl+enter"})
_KEPT_AS_IT_IS = re.compile("([\t\u200c\u200d]+)")


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
        # Textual wraps while it initialises.
        self._wrapped_for: tuple[object, int] | None = None
        super().__init__(
            id=id,
            classes=classes,
            placeholder=Content(PLACEHOLDERS[0]),
            highlight_cursor_line=False,
            show_line_numbers=False,
        )
        # One that blinks paints twice a second for as long as it is there.
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.completions = Completions(self)
        self.folds = Folds()
        self.has_waiting_prompts = False
        """Whether Up from an empty prompt leads to prompts that wait."""
        self._burst = KeyBurst()
        self._held_enter: Timer | None = None
        self._recalled: str | None = None
        self._past: list[str] = []
        self._past_index = 0
        self._draft = ""

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
        self._past = list(prompts)
        self._past_index = len(self._past)

    def remember(self, text: str) -> None:
        """``text`` is the newest of what was sent."""
        if self._past[-1:] != [text]:
            self._past.append(text)
        self._past_index = len(self._past)

    def load_draft(self, text: str) -> None:
        """Replaces the text, with the cursor behind it."""
        self._past_index = len(self._past)
        self._show(text)

    def recall(self, prompt: str) -> None:
        """Show a prompt of the past; Down leads on to what was being written."""
        if self._past_index == len(self._past):
            self._draft = self.text
        if prompt in self._past:
            self._past_index = len(self._past) - 1 - self._past[::-1].index(prompt)
        self._show(prompt)

    def insert_typed_ahead(self, text: str) -> None:
        """Adds text that was typed while something else had the focus, at the cursor."""
        if text:
            self.insert(clean_input(text))

    def expanded(self) -> str:
        """The text with what was folded."""
        return self.folds.expand(self.text)

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
            self._replace_selection("\n")
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
            self._replace_selection("\n")
            self._burst.broke_line(event.time)
        else:
            self._release_enter()

    def _release_enter(self) -> None:
        if self._held_enter is None:
            return  # Its timer had fired when the next key settled it.
        self._held_enter = None
        if self._burst.has_break:
            self._replace_selection("\n")
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

    def insert_paste(self, text: str) -> None:
        """Put a pasted text in the place of the selection, folded where it is long."""
        text = clean_input(text)
        self._replace_selection(self.folds.add(text) if is_long(text) else text)

    def action_unfold_paste(self) -> None:
        """Put the text of the fold at the cursor, or else of the last one, in its mark's place."""
        folds = self.folds.in_text(self.text)
        if not folds:
            self.screen.refresh()  # As the key does in a shell, where a program has written over it.
            return
        row, column = self.cursor_location
        line = self.document.get_line(row)
        near = [line[a:b] for a, b in self.folds.spans(line) if a <= column <= b]
        mark = near[0] if near else folds[-1].mark
        before = self.text.partition(mark)[0]
        start = (before.count("\n"), len(before.rpartition("\n")[2]))
        end = (start[0], start[1] + len(mark))
        self.replace(self.folds.expand(mark), start, end, maintain_selection_offset=False)

    def action_delete_left(self) -> None:
        if not self._delete_mark(lambda span, column: span[0] < column <= span[1]):
            super().action_delete_left()

    def action_delete_right(self) -> None:
        if not self._delete_mark(lambda span, column: span[0] <= column < span[1]):
            super().action_delete_right()

    def _delete_mark(self, is_meant: Callable[[tuple[int, int], int], bool]) -> bool:
        """Delete the whole mark of a fold at the cursor; whether there was one."""
        row, column = self.cursor_location
        if not self.selection.is_empty:
            return False
        for span in self.folds.spans(self.document.get_line(row)):
            if is_meant(span, column):
                self.delete((row, span[0]), (row, span[1]), maintain_selection_offset=False)
                return True
        return False

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

    def _replace_selection(self, text: str) -> None:
        start, end = self.selection
        self.replace(text, start, end, maintain_selection_offset=False)

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
        self._draft = ""
        self.load_text("")
        self.folds.forget()
        self._burst = KeyBurst()
        return text

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """Textual wraps all lines again when the scrollbar appears, though its place is kept."""
        wrapped_for = (self.wrapped_document, self.wrap_width)
        if self._wrapped_for == wrapped_for:
            self._refresh_size()
            return
        self._wrapped_for = wrapped_for
        super()._rewrap_and_refresh_virtual_size()

    def _recompute_cursor_offset(self) -> None:
        """Textual asks for it in the middle of an undo, before the cursor has left a line that is
        gone."""
        if self.cursor_location[0] < self.document.line_count:
            super()._recompute_cursor_offset()  # type: ignore[no-untyped-call]

    def action_up_or_older(self) -> None:
        if self.has_waiting_prompts and not self.text:
            self.post_message(self.Left("up"))
            return
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
