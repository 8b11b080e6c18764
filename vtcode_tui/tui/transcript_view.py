"""The conversation on the screen. Takes events in, and lets keys and the mouse walk its blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from vtcode_tui.conversation.events import Event
from vtcode_tui.transcript.blocks import AnswerBlock, PromptBlock, ThinkingBlock
from vtcode_tui.transcript.plain import block_text, code_blocks
from vtcode_tui.transcript.reducer import Transcript
from vtcode_tui.tui.bindings import bindings_of
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.blocks.drawing import MARGIN
from vtcode_tui.tui.blocks.stretches import Stretch, around, character_at
from vtcode_tui.tui.transcript_search import SearchedPage


class TranscriptView(SearchedPage, can_focus=True):
    """Shows a ``Transcript``. ``clock`` gives monotonic seconds."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("transcript")

    class FollowingChanged(Message):
        """The view began or ceased to follow the end, or something new came in below."""

        def __init__(self, *, is_following: bool, has_new_below: bool) -> None:
            super().__init__()
            self.is_following = is_following
            self.has_new_below = has_new_below

    class TextMarked(Message):
        """A word or a block was selected by clicks."""

    class SearchLeft(Message):
        """The search is to end."""

    class CopyWanted(Message):
        """``text`` is to be copied; ``what`` it is, in a word or two."""

        def __init__(self, text: str, what: str) -> None:
            super().__init__()
            self.text = text
            self.what = what

    class EditWanted(Message):
        """``text`` is to be shown in the user's editor."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class LinksWanted(Message):
        """One of these addresses is to be opened, when the user agrees."""

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

    # --- what comes in ------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take in one event. Costs microseconds; a timer paints what it changed."""
        change = self.transcript.apply(event, self._clock())
        for index in change.added:
            self.page.add(self.transcript.blocks[index])
        if change.added or change.changed:
            self.mark_changed(*change.added, *change.changed)

    def load(self, replayed: Iterable[Event]) -> None:
        """Show a conversation that was; its times are not known. Renders from the end upwards."""
        for event in replayed:
            for index in self.transcript.apply(event).added:
                self.page.add(self.transcript.blocks[index])
        self.follow()

    def show(self, transcript: Transcript) -> None:
        """Show another conversation, from its end upwards."""
        self.empty()
        self.transcript = transcript
        for block in transcript.blocks:
            self.page.add(block)
        self.follow()

    def clear(self) -> None:
        """Begin an empty conversation."""
        self.transcript = Transcript()
        self.empty()

    # --- folding and the cursor ---------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """A click on a header folds or unfolds, one on a link asks to open it; a double click
        selects a word, a third one the block."""
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
        self._move_cursor(index, is_shown=False)
        url = self._link_at(view, row, event.x)
        if url:
            self.post_message(self.LinksWanted((url,)))
        elif row == 0 or isinstance(view.block, PromptBlock):
            self._toggle(index)

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

    def action_cursor_up(self) -> None:
        self._step_cursor(-1)

    def action_cursor_down(self) -> None:
        self._step_cursor(1)

    def action_toggle_block(self) -> None:
        if self.cursor is not None:
            self._toggle(self.cursor)

    def action_toggle_thinking(self) -> None:
        """Open all thinking, or fold all of it when all is open."""
        self._toggle_all([v for v in self.page.views if isinstance(v.block, ThinkingBlock)])

    def action_toggle_all(self) -> None:
        """Open all thinking and all tool calls, or fold them when all are open."""
        self._toggle_all([view for view in self.page.views if view.is_foldable])

    def action_page_up(self) -> None:
        self._scroll_by(1 - self.size.height)

    def action_page_down(self) -> None:
        self._scroll_by(self.size.height - 1)

    def action_scroll_home(self) -> None:
        self._scroll_by(-self.page.total)

    def action_jump_to_end(self) -> None:
        self.follow()

    # --- what a block gives -------------------------------------------------------------------

    def action_copy_block(self) -> None:
        """Copy the block under the cursor as it was written."""
        index = self._cursor_or_last()
        if index is not None:
            self.post_message(self.CopyWanted(block_text(self.page.views[index].block), "block"))

    def action_copy_answer(self) -> None:
        """Copy the last answer."""
        answer = self.last_answer
        if answer is not None:
            self.post_message(self.CopyWanted(block_text(answer), "answer"))

    def action_copy_code(self) -> None:
        """Copy a piece of code of the block under the cursor, or of the last answer: the first one,
        and with each further press the next."""
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
        index = self._cursor_or_last()
        if index is not None:
            self.post_message(self.EditWanted(block_text(self.page.views[index].block)))

    def action_open_link(self) -> None:
        """Ask which address of the block under the cursor is to be opened."""
        index = self._cursor_or_last()
        if index is None:
            return
        lines = self.page.views[index].lines
        urls = dict.fromkeys(link.url for link in Stretch(lines, 0, len(lines)).links())
        self.post_message(self.LinksWanted(tuple(urls)))

    def _cursor_or_last(self) -> int | None:
        if self.cursor is not None and self.cursor < len(self.page.views):
            return self.cursor
        return len(self.page.views) - 1 if self.page.views else None

    # --- moving ---------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a search are letters like others while there is none."""
        if action in ("next_match", "previous_match", "end_search"):
            return self.finder is not None
        return super().check_action(action, parameters)

    def action_end_search(self) -> None:
        self.post_message(self.SearchLeft())

    def action_next_match(self) -> None:
        self.step_match(1)

    def action_previous_match(self) -> None:
        self.step_match(-1)

    def go_to_prompt(self, step: int) -> None:
        """Bring the prompt above (-1) or below (1) what is at the top to the top."""
        first = self.scroll_offset.y
        prompts = [
            (index, max(0, self.page.top(index) - 1))
            for index, view in enumerate(self.page.views)
            if isinstance(view.block, PromptBlock)
        ]
        if step < 0:
            found = next((each for each in reversed(prompts) if each[1] < first), None)
        else:
            found = next((each for each in prompts if each[1] > first), None)
            if found is None or first >= self.max_scroll_y:
                self.follow()
                return
        if found is not None:
            self.cursor = found[0]
            self.go_to_line(min(found[1], self.max_scroll_y))
            self.go_to_line(min(max(0, self.page.top(found[0]) - 1), self.max_scroll_y))
            self.refresh()

    def _scroll_by(self, lines: int) -> None:
        self.go_to_line(self.scroll_offset.y + lines)

    def _step_cursor(self, step: int) -> None:
        """To the next block that way; through a block that is higher than the screen in steps."""
        first, last = self._visible_lines()
        visible = self.page.between(first, last)
        if not visible:
            return
        if self.cursor is None or self.cursor not in visible:
            self._move_cursor(visible[-1 if step < 0 else 0] if self.cursor else visible[-1])
            return
        top = self.page.top(self.cursor)
        hidden = first - top if step < 0 else top + self.page.views[self.cursor].height - last
        if hidden > 0:
            self._scroll_by(step * min(hidden, max(1, self.size.height // 2)))
        elif self.cursor + step >= len(self.page.views):
            self.follow()
        else:
            self._move_cursor(max(0, self.cursor + step))

    def _move_cursor(self, index: int, *, is_shown: bool = True) -> None:
        is_below = self.cursor is None or index > self.cursor
        self.cursor = index
        self.refresh()
        if is_shown:
            self._bring_into_view(index, from_top=is_below)

    def _bring_into_view(self, index: int, *, from_top: bool) -> None:
        """Scroll as little as shows the block, or the end of it that is reached first."""
        first, last = self._visible_lines()
        view = self.page.views[index]
        start = self.page.top(index) - view.gap
        end = self.page.top(index) + view.height
        is_high = end - start > self.size.height
        if start < first and not (is_high and not from_top):
            self._scroll_by(start - first)
        elif end > last or is_high:
            self._scroll_by((start - first) if is_high and from_top else end - last)

    def _toggle(self, index: int) -> None:
        view = self.page.views[index]
        if view.is_foldable:
            self._set_open([view], not view.is_open)

    def _toggle_all(self, views: list[BlockView]) -> None:
        self._set_open(views, not all(view.is_open for view in views))

    def _set_open(self, views: Iterable[BlockView], is_open: bool) -> None:
        """Fold or unfold, with the first visible line kept where it is."""
        for view in views:
            view.set_open(is_open)
        self._settle()
        self.refresh()
