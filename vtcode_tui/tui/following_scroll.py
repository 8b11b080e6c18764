"""A scroll view that follows the end of a page, and keeps its position while the page changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from vtcode_tui.tui.blocks.layout import Layout


class FollowingScroll(ScrollView):
    """Scrolls over ``page``, a layout whose heights are estimates until they are rendered.

    ``is_following`` says whether the end stays in view, ``has_new_below`` whether something was
    added below the visible part since the user scrolled up.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.page = Layout()
        self.is_following = True
        self.has_new_below = False
        self._is_placing = False
        self._laid_out: tuple[Size, Size] | None = None

    def follow(self) -> None:
        """Scroll to the end and stay there while content is added."""
        self._set_following(True, has_new_below=False)
        self._scroll_to_line(self.page.total)
        self._render_visible()

    def go_to_line(self, line: int) -> None:
        """Scroll like the user would, which stops following the end."""
        self.scroll_target_y = line
        self.scroll_y = line

    def following_changed(self) -> None:
        """Called when ``is_following`` or ``has_new_below`` changes."""

    def _render_visible(self) -> None:
        """Render everything visible that is not rendered yet, before it is painted."""

    def _visible_lines(self) -> tuple[int, int]:
        first = self.scroll_offset.y
        return first, first + self.size.height

    @contextmanager
    def _keeping_place(self, *, is_scaled: bool = False) -> Iterator[None]:
        """Keep the visible content in place while heights change inside the context."""
        first, last = self._visible_lines()
        layout = self.page
        place = None if self.is_following else layout.place(first, last, is_scaled=is_scaled)
        yield
        self._fit_page()
        if self.is_following:
            self._scroll_to_line(self.page.total)
        elif place is not None:
            self._scroll_to_line(self.page.line_of(place))

    def _fit_page(self) -> None:
        """Update the scrollbar to the page's length, without a layout of the whole screen."""
        size = Size(self.size.width, self.page.total)
        if size == self.virtual_size:
            return
        self.set_reactive(Widget.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height

    def _scroll_to_line(self, line: int) -> None:
        """Scroll without treating it as the user's scrolling."""
        self._is_placing = True
        try:
            self.scroll_y = self.scroll_target_y = min(line, self.max_scroll_y)
        finally:
            self._is_placing = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._is_placing or round(old_value) == round(new_value):
            return
        at_end = new_value >= self.max_scroll_y
        self._set_following(at_end, has_new_below=self.has_new_below and not at_end)
        self._render_visible()

    def _set_following(self, is_following: bool, *, has_new_below: bool) -> None:
        if (is_following, has_new_below) == (self.is_following, self.has_new_below):
            return
        self.is_following, self.has_new_below = is_following, has_new_below
        self.following_changed()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Skip repeated sizes: Textual would repaint the scrollbar, since no layout knows the
        page's length."""
        sizes = (size, container_size)
        if sizes == self._laid_out:
            return False
        self._laid_out = sizes
        return super()._size_updated(size, virtual_size, container_size, layout)
