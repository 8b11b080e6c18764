"""The complete preview of a tool call, scrollable; reports when its end has been seen."""

from __future__ import annotations

import asyncio

from textual import events
from textual.content import Content
from textual.errors import NoWidget
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from vtcode_tui.conversation.results import Display
from vtcode_tui.tui.rendering.preview import preview_rows, text_length

_HIGHLIGHT_AT_ONCE = 4_000
_HIGHLIGHT_AT_ALL = 200_000


class PreviewView(ScrollView, can_focus=False):
    """Shows a ``Display``, wrapped to its own width. As high as its text, up to ``max-height``."""

    DEFAULT_CSS = """
    PreviewView {
        width: 1fr;
        height: auto;
        max-height: 40vh;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size: 0 1;
        scrollbar-color: $foreground 20%;
        scrollbar-background: $surface;
    }
    """

    class EndSeen(Message):
        """The last row has been on the screen; posted once."""

    def __init__(self, display: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._display = display
        self._rows: list[Content] = []
        self._rows_width = -1
        self._end_was_seen = False
        self._most_rows: int | None = None

    def finalize_height(self) -> None:
        """Say that ``max-height`` is final. Before that the end does not count as seen: the first
        layout, which may be visible for a moment, can be higher than the final one."""
        most = self.styles.max_height
        self._most_rows = None if most is None else int(most.value)
        self.call_after_refresh(self._note_end)

    @property
    def end_was_seen(self) -> bool:
        return self._end_was_seen

    @property
    def plain_rows(self) -> list[str]:
        """The text of each row as drawn."""
        return [row.plain for row in self._rows]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        return len(self._rows_for(width - self.scrollbar_size_vertical))

    def _on_resize(self, _event: events.Resize) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(self._rows_for(width)))
        self.call_after_refresh(self._note_end)
        if width > 0 and _HIGHLIGHT_AT_ONCE < text_length(self._display) <= _HIGHLIGHT_AT_ALL:
            self.run_worker(self._highlight(width), exclusive=True, exit_on_error=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.call_after_refresh(self._note_end)

    def _note_end(self) -> None:
        """Post EndSeen if the last row is in the visible part of this widget."""
        if self._end_was_seen or self._rows_width <= 0 or not self.is_attached:
            return
        if self._most_rows is None or self.outer_size.height > self._most_rows:
            return
        try:
            geometry = self.screen.find_widget(self)
        except NoWidget:
            return
        seen = geometry.visible_region
        last_row_y = geometry.region.y + len(self._rows) - 1 - round(self.scroll_y)
        if seen.height and seen.y <= last_row_y < seen.bottom:
            self._end_was_seen = True
            self.post_message(self.EndSeen())

    def _rows_for(self, width: int) -> list[Content]:
        if width != self._rows_width:
            self._rows_width = width
            self._rows = preview_rows(
                self._display, max(1, width), highlight_limit=_HIGHLIGHT_AT_ONCE
            )
        return self._rows

    async def _highlight(self, width: int) -> None:
        """Compute a long text's colours in a thread. They do not change the rows."""
        rows = await asyncio.to_thread(
            preview_rows, self._display, width, highlight_limit=_HIGHLIGHT_AT_ALL
        )
        if width == self._rows_width and len(rows) == len(self._rows):
            self._rows = rows
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        style = self.visual_style
        row = y + round(self.scroll_offset.y)
        if row >= len(self._rows):
            return Strip.blank(width, style.rich_style)
        strips = Visual.to_strips(self, self._rows[row], width, 1, style, pad=True)
        return strips[0].crop_extend(0, width, style.rich_style)
