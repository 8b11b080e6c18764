"""The conversation on the screen: applies events, and posts which text, link or code the user
wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from vtcode_tui.conversation.events import Event, TurnStarted
from vtcode_tui.transcript.blocks import AnswerBlock, PromptBlock
from vtcode_tui.transcript.plain import block_text, code_blocks
from vtcode_tui.transcript.reducer import Transcript
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.blocks.drawing import MARGIN
from vtcode_tui.tui.blocks.stretches import Stretch, around, character_at
from vtcode_tui.tui.walked_page import WalkedPage


class TranscriptView(WalkedPage, can_focus=True):
    """Shows a ``Transcript``. ``clock`` gives monotonic seconds."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("transcript")

    class FollowingChanged(Message):
        """The view started or stopped following the end, or something new came in below."""

        def __init__(self, *, is_following: bool, has_new_below: bool) -> None:
            super().__init__()
            self.is_following = is_following
            self.has_new_below = has_new_below

    class TextMarked(Message):
        """A word or a block was selected by clicks."""

    class SearchLeft(Message):
        """The user asked to end the search."""

    class CopyWanted(Message):
        """``text`` is to be copied; ``what`` names it in a word or two."""

        def __init__(self, text: str, what: str) -> None:
            super().__init__()
            self.text = text
            self.what = what

    class EditWanted(Message):
        """``text`` is to be opened in the user's editor."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class LinksWanted(Message):
        """The user wants to open one of these addresses; ask before opening it."""

        def __init__(self, urls: tuple[str, ...]) -> None:
            super().__init__()
            self.urls = urls

    def __init__(
        self,
        transcript: Transcript | None = None,
        *,
        clock: Callable[[], float],
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(clock=clock, id=id)
        self.transcript = transcript or Transcript()
        self._copied_code: tuple[object, int] = (None, -1)
        for block in self.transcript.blocks:
            self.page.add(block)

    def following_changed(self) -> None:
        message = self.FollowingChanged(
            is_following=self.is_following, has_new_below=self.has_new_below
        )
        self.post_message(message)

    # --- content ------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Apply one event. Takes microseconds, since a timer paints the change; only the prompt of
        a new turn is painted at once."""
        change = self.transcript.apply(event, self._clock())
        for index in change.added:
            self.page.add(self.transcript.blocks[index])
        if change.added or change.changed:
            self.mark_changed(*change.added, *change.changed)
        if isinstance(event, TurnStarted):
            self.paint_changes()

    def load(self, replayed: Iterable[Event]) -> None:
        """Show a replayed conversation, without times. Renders from the end upwards."""
        for event in replayed:
            for index in self.transcript.apply(event).added:
                self.page.add(self.transcript.blocks[index])
        self.follow()

    def show(self, transcript: Transcript) -> None:
        """Show another conversation. Renders from its end upwards."""
        self.empty()
        self.transcript = transcript
        for block in transcript.blocks:
            self.page.add(block)
        self.follow()

    def clear(self) -> None:
        """Start an empty conversation."""
        self.transcript = Transcript()
        self.empty()

    # --- clicks -------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Fold or unfold on a click on a header, ask to open on one on a link; select the word on a
        double click and the block on a triple click."""
        line = event.y + self.scroll_offset.y
        if line >= self.page.total:
            return
        index, row = self.page.at(line)
        view = self.page.views[index]
        if event.chain > 1:
            event.prevent_default()
            self._select_word(index, row, event.x) if event.chain == 2 else self._select(index)
            return
        if self.text_selection is not None:
            return
        self.move_cursor(index, is_shown=False)
        url = self._link_at(view, row, event.x)
        if url:
            self.post_message(self.LinksWanted((url,)))
        elif row == 0 or isinstance(view.block, PromptBlock):
            self.toggle_fold(index)

    def _link_at(self, view: BlockView, row: int, x: int) -> str:
        if not 0 <= row < len(view.lines):
            return ""
        return around(view.lines, row).link(row, character_at(view.lines[row], x - MARGIN))

    def _select_word(self, index: int, row: int, x: int) -> None:
        view = self.page.views[index]
        column = character_at(view.lines[row], x - MARGIN) if 0 <= row < len(view.lines) else 0
        marks = around(view.lines, row).word(row, column) if 0 <= row < len(view.lines) else ()
        if not marks:
            return
        top = self.page.top(index)
        start = Offset(MARGIN + marks[0].start, top + marks[0].row)
        end = Offset(MARGIN + marks[-1].end, top + marks[-1].row)
        self._select_text(Selection(start, end))

    def _select(self, index: int) -> None:
        layout = self.page
        top, height = layout.top(index), layout.views[index].height
        self._select_text(Selection(Offset(0, top), Offset(self.size.width, top + height - 1)))

    def _select_text(self, selection: Selection) -> None:
        self.screen.selections = {self: selection}
        self.post_message(self.TextMarked())

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # --- copying and opening ------------------------------------------------------------------

    def action_copy_block(self) -> None:
        """Copy the source text of the block under the cursor."""
        index = self.cursor_or_last()
        if index is not None:
            self.post_message(self.CopyWanted(block_text(self.page.views[index].block), "block"))

    def action_copy_answer(self) -> None:
        """Copy the last answer."""
        answer = self.last_answer
        text = "" if answer is None else block_text(answer)
        self.post_message(self.CopyWanted(text, "answer"))

    def action_copy_code(self) -> None:
        """Copy the first code block of the block under the cursor, or of the last answer; further
        presses copy the following ones."""
        block = self.page.views[self.cursor].block if self.cursor is not None else None
        pieces = code_blocks(block_text(block)) if isinstance(block, AnswerBlock) else []
        if not pieces and self.last_answer is not None:
            block = self.last_answer
            pieces = code_blocks(block_text(block))
        if not pieces:
            self.post_message(self.CopyWanted("", "code"))
            return
        nth = self._copied_code[1] + 1 if self._copied_code[0] is block else 0
        self._copied_code = (block, nth % len(pieces))
        language, code = pieces[nth % len(pieces)]
        which = f" {nth % len(pieces) + 1} of {len(pieces)}" if len(pieces) > 1 else ""
        self.post_message(self.CopyWanted(code, f"{language or 'code'}{which}"))

    @property
    def last_answer(self) -> AnswerBlock | None:
        blocks = reversed(self.page.views)
        return next((each.block for each in blocks if isinstance(each.block, AnswerBlock)), None)

    def action_edit_block(self) -> None:
        """Show the block under the cursor in the user's editor."""
        index = self.cursor_or_last()
        if index is not None:
            self.post_message(self.EditWanted(block_text(self.page.views[index].block)))

    def action_open_link(self) -> None:
        """Ask which address of the block under the cursor is to be opened."""
        index = self.cursor_or_last()
        if index is None:
            return
        lines = self.page.views[index].lines
        urls = dict.fromkeys(link.url for link in Stretch(lines, 0, len(lines)).links())
        self.post_message(self.LinksWanted(tuple(urls)))

    # --- keys of a search ---------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disables the search keys while there is no search, so that their letters can be typed."""
        if action in ("next_match", "previous_match", "end_search"):
            return self.finder is not None
        return super().check_action(action, parameters)

    def action_end_search(self) -> None:
        self.post_message(self.SearchLeft())

    def action_next_match(self) -> None:
        self.step_match(1)

    def action_previous_match(self) -> None:
        self.step_match(-1)
