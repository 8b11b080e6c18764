"""Searches the conversation: counts in slices of time, shows and steps through matches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

from rich.style import Style
from textual.message import Message

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.finding import Finder, Match
from vtcode_tui.tui.transcript_page import TranscriptPage

_SLICE_S = 0.006
_PAUSE_S = 0.002


class SearchedPage(TranscriptPage):
    """A page with at most one search. Folded blocks are opened while the current match is in them."""

    class Searched(Message):
        """``number`` is the current match, from 1, or 0; ``total`` is the count so far."""

        def __init__(self, *, number: int, total: int, is_complete: bool) -> None:
            super().__init__()
            self.number = number
            self.total = total
            self.is_complete = is_complete

    finder: Finder | None = None
    _opened: int | None = None
    _shown_in_full: set[int] | None = None
    _uncounted: set[int] | None = None

    def find(self, query: str) -> None:
        """Search for ``query`` and go to the nearest match; an empty one ends the search."""
        self.workers.cancel_group(self, "find")
        self._refold()
        self._shorten_results()
        self._uncounted = None
        if not query.strip():
            self.finder = None
            self.refresh()
            return
        self.finder = finder = Finder(query)
        # A function, since a coroutine that is cancelled before it starts is reported as never
        # awaited.
        count = partial(self._count, finder)
        self.run_worker(count, group="find", exit_on_error=False)  # type: ignore[arg-type]

    def end_search(self) -> None:
        """Remove the highlights; the block with the current match stays open."""
        self._opened = None
        if self.finder is not None and self.finder.current is not None and self._shown_in_full:
            self._shown_in_full.discard(self.finder.current[0])
        self.find("")

    async def _count(self, finder: Finder) -> None:
        """Count the matches in all blocks, in slices, then go to the nearest."""
        pause_at = self._clock() + _SLICE_S
        self._uncounted = set()
        for index in range(len(self.page.views)):
            for _ in finder.counting(index, self.page.views[index].block):
                if self._clock() >= pause_at:
                    self._post_counts(finder)
                    await asyncio.sleep(_PAUSE_S)
                    pause_at = self._clock() + _SLICE_S
            if index >= len(self.page.views) - 1:
                break
        finder.is_complete = True
        self._go_nearest(finder)

    def mark_changed(self, *indexes: int) -> None:
        super().mark_changed(*indexes)
        if self._uncounted is not None:
            self._uncounted.update(indexes)

    def _recount(self, finder: Finder) -> None:
        """Count again in blocks that changed since."""
        for index in self._uncounted or ():
            for _ in finder.counting(index, self.page.views[index].block):
                pass
        self._uncounted = set()

    def _go_nearest(self, finder: Finder) -> None:
        """Go to the first visible match, else the last one above, else the first one below."""
        first, last = self._visible_lines()
        visible = self.page.between(first, last)
        length = len(self.page.views)
        for index in visible:
            for nth, match in enumerate(self._matches(finder, index)):
                if first <= self.page.top(index) + match[0].row < last:
                    self._go(finder, index, nth, match)
                    return
        start = visible.start if visible else 0
        self._go_first(finder, finder.candidates((start - 1) % max(1, length), -1, length), -1)

    def step_match(self, step: int) -> None:
        """Go to the next match (1) or the previous one (-1), wrapping around."""
        finder = self.finder
        if finder is None:
            return
        self._recount(finder)
        length = len(self.page.views)
        if finder.current is None:
            self._go_nearest(finder)
            return
        block, nth = finder.current
        matches = self._matches(finder, block)
        if 0 <= nth + step < len(matches):
            self._go(finder, block, nth + step, matches[nth + step])
            return
        self._go_first(finder, finder.candidates((block + step) % length, step, length), step)

    def _go_first(self, finder: Finder, blocks: Iterable[int], step: int) -> None:
        """Go to the first match in ``blocks``, or when stepping up to the last one of a block."""
        for index in blocks:
            matches = self._matches(finder, index)
            if matches:
                nth = 0 if step > 0 else len(matches) - 1
                self._go(finder, index, nth, matches[nth])
                return
        finder.current, finder.marks = None, ()
        self._post_counts(finder)

    def _matches(self, finder: Finder, index: int) -> list[Match]:
        """The matches of a block in its open state."""
        view = self.page.views[index]
        was_open = view.is_open
        if view.is_foldable and not was_open and finder.may_have(index):
            self._refold()
            view.set_open(True)
            self._opened = index
        expected = finder.count(index)
        self._render_now(index)
        matches = finder.exactly(index, view.lines)
        if len(matches) < expected and view.is_foldable and view.is_open:
            # Some matches may be in lines that were left out.
            view.set_pattern(finder.pattern)
            self._shown_in_full = {*(self._shown_in_full or ()), index}
            self._render_now(index)
            matches = finder.exactly(index, view.lines)
        if not matches and not was_open:
            self._refold()
        return matches

    def _render_now(self, index: int) -> None:
        if not self.page.is_fresh(index):
            with self._keeping_place():
                self._render_view(index, None)

    def _shorten_results(self) -> None:
        """Shorten long results again that the search had expanded."""
        indexes, self._shown_in_full = self._shown_in_full or set(), None
        for index in indexes:
            if index < len(self.page.views):
                self.page.views[index].set_pattern(None)
                self.mark_changed(index)

    def _refold(self) -> None:
        """Fold the block that only the search had opened."""
        index, self._opened = self._opened, None
        if index is not None and index < len(self.page.views):
            self.page.views[index].set_open(False)
            self.mark_changed(index)

    def _go(self, finder: Finder, index: int, nth: int, match: Match) -> None:
        if self._opened not in (None, index):
            self._refold()
        finder.current, finder.marks = (index, nth), match
        finder.marks_width = self.page.width
        self.cursor = index
        self._render_visible()
        line = self.page.top(index) + match[0].row
        first, last = self._visible_lines()
        if not first <= line < last:
            self.go_to_line(max(0, line - self.size.height // 3))
        self.refresh()
        self._post_counts(finder)

    def _post_counts(self, finder: Finder) -> None:
        self.refresh()
        self.post_message(
            self.Searched(number=finder.number, total=finder.total, is_complete=finder.is_complete)
        )

    def marks_on(self, index: int, row: int) -> Iterable[tuple[int, int, Style]]:
        finder = self.finder
        if finder is None:
            return
        own = self._current_marks(finder, index)
        other = Style(reverse=True)
        for mark in finder.on_row(self.page.views[index].lines, row):
            yield mark.start, mark.end, self._current_style() if mark in own else other

    def _current_marks(self, finder: Finder, index: int) -> Match:
        """The highlight of the current match, located again after a change of width."""
        if finder.current is None or finder.current[0] != index:
            return ()
        view = self.page.views[index]
        if finder.marks_width != view.width:
            matches = finder.exactly(index, view.lines)
            nth = min(finder.current[1], len(matches) - 1)
            finder.marks = matches[nth] if matches else ()
            finder.marks_width = view.width
        return finder.marks

    def _current_style(self) -> Style:
        drawer = self._drawer or self._fresh_drawer()
        key = styles.WARNING | styles.BOLD | styles.UNDERLINE
        return drawer.palette.style(key) + Style(reverse=True)
