"""A long page of blocks that is drawn line by line: one widget, however long the page is.

A timer that runs while something moves renders what changed, a slice of time each, and paints. A
finished block is rendered once per width; a theme only changes the colours its lines are drawn in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from vtcode_tui.tui.blocks.drawing import MARGIN, Drawer, line_at
from vtcode_tui.tui.blocks.page_css import PAGE_CSS
from vtcode_tui.tui.blocks.palette import Palette
from vtcode_tui.tui.blocks.selecting import (
    marked,
    selected_lines,
    selected_span,
    selected_text,
    selection_background,
)
from vtcode_tui.tui.echo import paint_now
from vtcode_tui.tui.following_scroll import FollowingScroll
from vtcode_tui.tui.page_look import columns_in, palette_of

_TICK_S = 1 / 120
_FRAME_S = 1 / 30
_PAINT_PAUSE_S = 0.8 * _FRAME_S
"""Less than a frame: a tick that comes a little early would miss it, and leave a gap of two."""
_SLICE_S = 0.004
"""The longest time that one slice of rendering delays a key."""
_LOOP_PAUSE_S = 0.001
_SLOW_TICK_S = 0.016
_LONGEST_PAUSE_S = 0.05
_REFINE_LINES = 1_500


class TranscriptPage(FollowingScroll):
    """Draws the blocks of ``page``, a layout. ``clock`` gives monotonic seconds.

    ``cursor`` is the index of the marked block; ``hints`` are the lines of an empty page.
    """

    ALLOW_SELECT = True
    DEFAULT_CSS = PAGE_CSS

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.cursor: int | None = None
        self.hints: tuple[str, ...] = ()
        self._clock = clock
        self._dirty: set[int] = set()
        self._live: set[int] = set()
        self._drawer: Drawer | None = None
        self._is_palette_stale = True
        self._timer: Timer | None = None
        self._seconds_timer: Timer | None = None
        self._resume_at = self._paint_at = 0.0
        self._unpainted_from: int | None = None
        self._painted_total = 0
        self._needs_refining = True
        self._is_awake = False

    @property
    def is_settled(self) -> bool:
        """Whether every change is rendered, and everything near the visible part."""
        return not self._dirty and not self._needs_refining

    @property
    def is_idle(self) -> bool:
        """Whether the rendering timer is paused."""
        return not self._is_awake

    def mark_changed(self, *indexes: int) -> None:
        """Mark blocks as changed, to be rendered again."""
        for index in indexes:
            self.page.views[index].mark_dirty()
        self._dirty.update(indexes)
        self._wake()

    def paint_changes(self) -> None:
        """Render and paint what changed at once, without waiting for a tick and a frame."""
        if self._dirty and self.page.width:
            self._render_dirty(self._clock() + _SLICE_S)
            paint_now(self)

    def empty(self) -> None:
        """Remove all blocks."""
        self.page.clear()
        self._dirty.clear()
        self._live.clear()
        self.cursor = None
        self._drawer = None
        self._fit_page()
        self.follow()
        self.refresh()

    # --- rendering in slices ------------------------------------------------------------------

    def on_mount(self) -> None:
        self._timer = self.set_interval(_TICK_S, self._tick, pause=True)
        self._seconds_timer = self.set_interval(1, self._update_times, pause=True)
        self._wake()

    def _wake(self) -> None:
        if not self._is_awake and self._timer is not None and self.page.width:
            self._is_awake = True
            self._timer.resume()

    def _tick(self) -> None:
        """Render changed blocks for one slice of time; pause for longer if that took longer."""
        started = self._clock()
        if started < self._resume_at:
            return
        has_more = self._render_dirty(started + _SLICE_S)
        if not has_more and self._needs_refining:
            has_more = self._refine(started + _SLICE_S)
        cost = self._clock() - started
        # A late timer ticks twice without an iteration of the event loop between.
        pause = cost + _LOOP_PAUSE_S if has_more else 0.9 * _FRAME_S
        if cost > _SLOW_TICK_S:  # Or the machine was busy: a long pause would be a visible gap.
            pause = cost + min(2 * cost, _LONGEST_PAUSE_S)
        self._resume_at = started + pause
        if not has_more and self._timer is not None:
            self._is_awake = False
            self._timer.pause()

    def _update_times(self) -> None:
        """Update the elapsed times of running blocks."""
        self.mark_changed(*self._live)

    def _render_dirty(self, end: float) -> bool:
        """Render changed blocks until ``end``; return whether some are left. Until all are done,
        what was rendered is painted once a frame only: a paint takes as long as a slice."""
        if not self._dirty:
            return False
        is_due = not self.is_following or self._clock() >= self._paint_at
        with self._keeping_place() if is_due else nullcontext():
            self._render_until(end)
        total = self.page.total
        if not is_due and self._dirty and total >= self._painted_total:
            return True  # No line was removed: the visible part can be drawn as it is.
        if not is_due:
            self._fit_page()
            self._scroll_to_line(total)
        if self._unpainted_from is not None:
            self._repaint(self._unpainted_from, same_height=total == self._painted_total)
        self._unpainted_from, self._painted_total = None, total
        self._paint_at = self._clock() + _PAINT_PAUSE_S
        return bool(self._dirty)

    def _render_until(self, end: float) -> None:
        layout = self.page
        for index in sorted(self._dirty):
            done = self._render_view(index, end)
            changed = layout.top(index) + layout.views[index].changed_from
            before = self._unpainted_from
            self._unpainted_from = changed if before is None else min(before, changed)
            if done:
                self._dirty.discard(index)
            if self._clock() >= end:
                break

    def _render_view(self, index: int, end: float | None) -> bool:
        view = self.page.views[index]
        now_s = self._clock()
        has_time = lambda: end is None or self._clock() < end  # noqa: E731
        done = self.page.render(index, now_s, has_time)
        if view.is_live:
            self._live.add(index)
        else:
            self._live.discard(index)
        if self._seconds_timer is not None:
            self._seconds_timer.resume() if self._live else self._seconds_timer.pause()
        return done

    def _refine(self, end: float) -> bool:
        """Render blocks near the visible part whose heights are estimates; return whether some are
        left."""
        layout = self.page
        first, last = self._visible_lines()
        (top, row), has_more = layout.at(first), False
        for index in layout.stale_near(first, last, _REFINE_LINES):
            if self._clock() >= end:
                has_more = True
                break
            self._render_view(index, None)
        self._shift_lines(layout.top(top) + row if layout.views else 0, shows_bar=not has_more)
        self._needs_refining = has_more
        return has_more

    def _shift_lines(self, first: int, *, shows_bar: bool) -> None:
        """Make ``first`` the number of the first visible line without painting: the content is
        unchanged."""
        self.set_reactive(Widget.virtual_size, Size(self.size.width, self.page.total))
        if first > self.max_scroll_y:
            self._scroll_to_line(self.max_scroll_y)
            return
        self.set_reactive(Widget.scroll_y, float(first))
        self.set_reactive(Widget.scroll_target_y, float(first))
        if shows_bar and self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = self.page.total
            self.vertical_scrollbar.position = first

    def _render_visible(self) -> None:
        layout = self.page
        if not layout.width:
            return
        for _ in range(len(layout.views) + 1):
            first, last = self._visible_lines()
            stale = [n for n in layout.between(first, last) if not layout.is_fresh(n)]
            if not stale:
                break
            with self._keeping_place():
                for index in stale:
                    self._render_view(index, None)
                    self._dirty.discard(index)
        self._needs_refining = True
        self._wake()

    def _repaint(self, first_line: int, *, same_height: bool) -> None:
        """Repaint from a line on, or everything if lines were added or removed."""
        first, last = self._visible_lines()
        if not self.is_following and first_line >= last:
            self._set_following(False, has_new_below=True)
            return
        start = max(first, first_line)
        if same_height or start > first:
            self.refresh(Region(0, start - first, self.size.width, max(0, last - start)))
        else:
            self.refresh()

    # --- size and painting --------------------------------------------------------------------

    def on_resize(self, _event: events.Resize) -> None:
        with self._keeping_place(is_scaled=True):
            if columns_in(self.size.width) != (self.page.width, self.page.wide):
                if self.text_selection is not None:  # Its offsets point to other text from now on.
                    self.screen.clear_selection()
                self.page.resize(*columns_in(self.size.width))
        self._drawer = None
        self._render_visible()
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._is_palette_stale = True

    def _fresh_drawer(self) -> Drawer:
        """A drawer with the current colours; the existing one, with its cached strips, if they are
        the same."""
        palette = palette_of(self)
        self._is_palette_stale = False
        if self._drawer is None or self._drawer.palette.signature != palette.signature:
            # The first paint comes before the first resize, when the page does not know its width
            # yet.
            self._drawer = Drawer(palette, self.size.width, *columns_in(self.size.width))
        return self._drawer

    @property
    def palette(self) -> Palette:
        """The current colours of lines."""
        return self._fresh_drawer().palette

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render a region of the widget from cached strips where nothing changed."""
        selection = self.text_selection
        strips = [self._strip(y, selection) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One strip with the offsets that Textual needs to select text with the mouse."""
        return self._strip(y, None).apply_offsets(0, y + self.scroll_offset.y)

    def _strip(self, y: int, selection: Selection | None) -> Strip:
        drawer = self._drawer
        if drawer is None or self._is_palette_stale:
            drawer = self._fresh_drawer()
        layout = self.page
        line = y + self.scroll_offset.y
        if not layout.views:
            return drawer.hint(self.hints, line - 1)
        if line >= layout.total:
            return drawer.blank()
        index, row = layout.at(line)
        is_cursor = index == self.cursor and self.has_focus
        strip = drawer.draw(index, layout.views[index], row, is_cursor=is_cursor)
        for start, end, style in self.marks_on(index, row):
            strip = marked(strip, MARGIN + start, MARGIN + end, style)
        span = selected_span(layout, selection, line) if selection is not None else None
        if span is None:
            return strip
        end = len(line_at(layout.views[index], row).text)
        last = end if span[1] < 0 else min(span[1], end)
        style = selection_background(self.screen.get_component_rich_style("screen--selection"))
        return marked(strip, MARGIN + span[0], MARGIN + last, style)

    def marks_on(self, index: int, row: int) -> Iterable[tuple[int, int, Style]]:  # noqa: ARG002
        """Ranges of a block's line, in characters, that have a style of their own."""
        return ()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected source text: without margins, wrapped lines joined."""
        with self._keeping_place():
            for index in self.page.between(*selected_lines(self.page, selection)):
                if not self.page.is_fresh(index):
                    self._render_view(index, None)
        return selected_text(self.page, selection), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        self.refresh()
