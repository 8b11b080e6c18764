"""All blocks of a conversation on one long page: where each line is, what is rendered, what not.

Heights of blocks that were not rendered for the present width are estimates. No widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.blocks import Block
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.blocks.heights import HeightIndex


@dataclass(frozen=True, slots=True)
class Place:
    """A line by block and offset, and the screen row it is on, so that it can be kept there."""

    index: int
    offset: int
    row: int
    scaled_from: int | None = None
    """The block's height when the place was taken, if the offset has to change with it."""


class Layout:
    """``width`` is the column's, in cells; 0 before the first size is known. ``wide`` is what code,
    tables and output may take."""

    def __init__(self) -> None:
        self.views: list[BlockView] = []
        self.width = 0
        self.wide = 0
        self._heights = HeightIndex()

    @property
    def total(self) -> int:
        """Lines of the whole page, with a blank one at its end."""
        return self._heights.total + 1 if self.views else 0

    def add(self, block: Block) -> int:
        """Put a block at the end; its index."""
        view = BlockView(block)
        view.estimate(self._widths_of(view)[0] or 80)
        self.views.append(view)
        self._heights.append(view.height)
        index = len(self.views) - 1
        self._update_gap(index)
        return index

    def clear(self) -> None:
        self.views.clear()
        self._heights.clear()

    def _widths_of(self, view: BlockView) -> tuple[int, int]:
        """Cells for its text, and for what may be wider than text."""
        if view.is_wide:
            return self.wide, self.wide
        return self.width, self.wide if view.has_wide_parts else self.width

    def resize(self, width: int, wide: int = 0) -> None:
        """Take other widths: nothing is rendered, heights become estimates."""
        self.width, self.wide = width, wide or width
        for index, view in enumerate(self.views):
            view.estimate(self._widths_of(view)[0])
            self._heights.set(index, view.gap + view.height)

    def is_fresh(self, index: int) -> bool:
        view = self.views[index]
        return view.is_fresh(*self._widths_of(view))

    def render(self, index: int, now_s: float, has_time: Callable[[], bool]) -> bool:
        """Bring one block up to date; whether it was finished before the time was up."""
        view = self.views[index]
        width, wide = self._widths_of(view)
        done = view.render(width, now_s, has_time, wide=wide)
        self._heights.set(index, view.gap + view.height)
        self._update_gap(index)
        if index + 1 < len(self.views):
            self._update_gap(index + 1)
        return done

    def _update_gap(self, index: int) -> None:
        """A blank line before a block, but none between lines of activity."""
        view = self.views[index]
        is_joined = index > 0 and self.views[index - 1].is_one_liner and view.is_one_liner
        view.gap = 0 if is_joined else 1
        self._heights.set(index, view.gap + view.height)

    # --- places -------------------------------------------------------------------------------

    def top(self, index: int) -> int:
        """The first line of a block's own, after its gap."""
        return self._heights.top(index) + self.views[index].gap

    def at(self, line: int) -> tuple[int, int]:
        """The block that holds ``line`` and the number of the line in it; negative in its gap."""
        index, offset = self._heights.at(line)
        return index, offset - self.views[index].gap if self.views else offset

    def between(self, first_line: int, end_line: int) -> range:
        """The indexes of the blocks that have a line in the range."""
        if not self.views or first_line >= end_line:
            return range(0)
        return range(self._heights.at(first_line)[0], self._heights.at(end_line - 1)[0] + 1)

    def place(self, first_line: int, end_line: int, *, is_scaled: bool = False) -> Place | None:
        """What to hold on to in the visible part: its first rendered block, or its first one.

        ``is_scaled`` asks for a place that keeps its share of a block whose height will change.
        """
        visible = self.between(first_line, end_line)
        for index in visible:
            if self.is_fresh(index) and not is_scaled:
                offset = max(0, first_line - self.top(index))
                return Place(index, offset, self.top(index) + offset - first_line)
        if not visible:
            return None
        index, offset = self.at(first_line)
        return Place(index, offset, 0, self.views[index].height)

    def line_of(self, place: Place) -> int:
        """The line that has to be the first visible one for the place to be where it was."""
        height = self.views[place.index].height
        offset = place.offset
        if place.scaled_from and offset > 0:
            offset = offset * height // place.scaled_from
        offset = min(offset, max(0, height - 1))
        return max(0, self.top(place.index) + offset - place.row)

    def stale_near(self, first_line: int, end_line: int, reach: int) -> Iterator[int]:
        """Blocks that need rendering: the visible ones, then outwards up to ``reach`` lines."""
        visible = self.between(first_line, end_line)
        yield from (index for index in visible if not self.is_fresh(index))
        below = self.between(end_line, min(self.total, end_line + reach))
        above = self.between(max(0, first_line - reach), first_line)
        for indexes in (reversed(above), below):
            yield from (index for index in indexes if not self.is_fresh(index))
