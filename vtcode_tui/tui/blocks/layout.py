"""The layout of all blocks on one long page: position of each line, and which blocks are rendered.

The height of a block that is not rendered for the current width is an estimate. No widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.blocks import Block
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.blocks.heights import HeightIndex


@dataclass(frozen=True, slots=True)
class Place:
    """A line as block and offset, with its row on the screen, so that it can be kept there."""

    index: int
    offset: int
    row: int
    scaled_from: int | None = None
    """The block's height when the place was recorded; set if the offset is to be scaled with it."""


class Layout:
    """The layout. ``width`` is the width of text in cells, 0 before the first resize; ``wide`` is
    that of code, tables and output."""

    def __init__(self) -> None:
        self.views: list[BlockView] = []
        self.width = 0
        self.wide = 0
        self._heights = HeightIndex()

    @property
    def total(self) -> int:
        """Lines of the page, including a blank one at its end."""
        return self._heights.total + 1 if self.views else 0

    def add(self, block: Block) -> int:
        """Append a block; return its index."""
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
        """The widths in cells of a block's text and of its wide parts."""
        if view.is_wide:
            return self.wide, self.wide
        return self.width, self.wide if view.has_wide_parts else self.width

    def resize(self, width: int, wide: int = 0) -> None:
        """Set the widths. Renders nothing; heights become estimates."""
        self.width, self.wide = width, wide or width
        for index, view in enumerate(self.views):
            view.estimate(self._widths_of(view)[0])
            self._heights.set(index, view.gap + view.height)

    def is_fresh(self, index: int) -> bool:
        view = self.views[index]
        return view.is_fresh(*self._widths_of(view))

    def render(self, index: int, now_s: float, has_time: Callable[[], bool]) -> bool:
        """Render a block; return whether it was finished in time."""
        view = self.views[index]
        width, wide = self._widths_of(view)
        done = view.render(width, now_s, has_time, wide=wide)
        self._heights.set(index, view.gap + view.height)
        self._update_gap(index)
        if index + 1 < len(self.views):
            self._update_gap(index + 1)
        return done

    def _update_gap(self, index: int) -> None:
        """Put a blank line before a block, but not between one-line blocks."""
        view = self.views[index]
        is_joined = index > 0 and self.views[index - 1].is_one_liner and view.is_one_liner
        view.gap = 0 if is_joined else 1
        self._heights.set(index, view.gap + view.height)

    # --- positions ----------------------------------------------------------------------------

    def top(self, index: int) -> int:
        """The first line of a block, after its gap."""
        return self._heights.top(index) + self.views[index].gap

    def at(self, line: int) -> tuple[int, int]:
        """The block that contains ``line`` and the line's index in it, which is negative in the
        gap."""
        index, offset = self._heights.at(line)
        return index, offset - self.views[index].gap if self.views else offset

    def between(self, first_line: int, end_line: int) -> range:
        """The indexes of the blocks with a line in the range."""
        if not self.views or first_line >= end_line:
            return range(0)
        return range(self._heights.at(first_line)[0], self._heights.at(end_line - 1)[0] + 1)

    def place(self, first_line: int, end_line: int, *, is_scaled: bool = False) -> Place | None:
        """The place to keep when heights change: the first rendered visible block, else the first
        one.

        With ``is_scaled`` the place keeps its relative position in a block whose height changes.
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
        """The first visible line that puts ``place`` where it was on the screen."""
        height = self.views[place.index].height
        offset = place.offset
        if place.scaled_from and offset > 0:
            offset = offset * height // place.scaled_from
        offset = min(offset, max(0, height - 1))
        return max(0, self.top(place.index) + offset - place.row)

    def stale_near(self, first_line: int, end_line: int, reach: int) -> Iterator[int]:
        """Blocks that need rendering: the visible ones, then those within ``reach`` lines."""
        visible = self.between(first_line, end_line)
        yield from (index for index in visible if not self.is_fresh(index))
        below = self.between(end_line, min(self.total, end_line + reach))
        above = self.between(max(0, first_line - reach), first_line)
        for indexes in (reversed(above), below):
            yield from (index for index in indexes if not self.is_fresh(index))
