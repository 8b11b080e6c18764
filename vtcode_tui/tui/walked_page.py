"""Keyboard navigation of a page: block cursor, scrolling, folding."""

from __future__ import annotations

from collections.abc import Iterable

from vtcode_tui.transcript.blocks import PromptBlock, ThinkingBlock
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.transcript_search import SearchedPage


class WalkedPage(SearchedPage):
    """A page with actions that move its cursor and fold its blocks."""

    def action_cursor_up(self) -> None:
        self._step_cursor(-1)

    def action_cursor_down(self) -> None:
        self._step_cursor(1)

    def action_toggle_block(self) -> None:
        if self.cursor is not None:
            self.toggle_fold(self.cursor)

    def action_toggle_thinking(self) -> None:
        """Unfold all thinking, or fold all if all is unfolded."""
        self._toggle_all([v for v in self.page.views if isinstance(v.block, ThinkingBlock)])

    def action_toggle_all(self) -> None:
        """Unfold all thinking and tool calls, or fold all if all are unfolded."""
        self._toggle_all([view for view in self.page.views if view.is_foldable])

    def action_page_up(self) -> None:
        self._scroll_by(1 - self.size.height)

    def action_page_down(self) -> None:
        self._scroll_by(self.size.height - 1)

    def action_scroll_home(self) -> None:
        self._scroll_by(-self.page.total)

    def action_jump_to_end(self) -> None:
        self.follow()

    def go_to_prompt(self, step: int) -> None:
        """Scroll to the previous (-1) or next (1) prompt."""
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

    def cursor_or_last(self) -> int | None:
        if self.cursor is not None and self.cursor < len(self.page.views):
            return self.cursor
        return len(self.page.views) - 1 if self.page.views else None

    def move_cursor(self, index: int, *, is_shown: bool = True) -> None:
        is_below = self.cursor is None or index > self.cursor
        self.cursor = index
        self.refresh()
        if is_shown:
            self._bring_into_view(index, from_top=is_below)

    def toggle_fold(self, index: int) -> None:
        view = self.page.views[index]
        if view.is_foldable:
            self._set_open([view], not view.is_open)

    def _scroll_by(self, lines: int) -> None:
        self.go_to_line(self.scroll_offset.y + lines)

    def _step_cursor(self, step: int) -> None:
        """Move to the next block; scroll in steps through a block that is higher than the screen."""
        first, last = self._visible_lines()
        visible = self.page.between(first, last)
        if not visible:
            return
        if self.cursor is None or self.cursor not in visible:
            self.move_cursor(visible[-1 if step < 0 else 0] if self.cursor else visible[-1])
            return
        top = self.page.top(self.cursor)
        hidden = first - top if step < 0 else top + self.page.views[self.cursor].height - last
        if hidden > 0:
            self._scroll_by(step * min(hidden, max(1, self.size.height // 2)))
        elif self.cursor + step >= len(self.page.views):
            self.follow()
        else:
            self.move_cursor(max(0, self.cursor + step))

    def _bring_into_view(self, index: int, *, from_top: bool) -> None:
        """Scroll the minimum to show the block, or the edge of it that is reached first."""
        first, last = self._visible_lines()
        view = self.page.views[index]
        start = self.page.top(index) - view.gap
        end = self.page.top(index) + view.height
        is_high = end - start > self.size.height
        if start < first and not (is_high and not from_top):
            self._scroll_by(start - first)
        elif end > last or is_high:
            self._scroll_by((start - first) if is_high and from_top else end - last)

    def _toggle_all(self, views: list[BlockView]) -> None:
        self._set_open(views, not all(view.is_open for view in views))

    def _set_open(self, views: Iterable[BlockView], is_open: bool) -> None:
        """Fold or unfold, keeping the first visible line in place."""
        for view in views:
            view.set_open(is_open)
        self._render_visible()
        self.refresh()
