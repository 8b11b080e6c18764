"""A text area that shows a long paste as a short mark until the text is sent."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import TextArea

from vtcode_tui.transcript.clean import clean_text
from vtcode_tui.tui.folds import Folds, is_long

_KEPT_AS_IT_IS = re.compile("([\t\u200c\u200d]+)")


def clean_input(text: str) -> str:
    """``text`` as it may be edited and sent: line ends as LF, control characters as visible
    markers.

    Tabs, and the joiners that emoji and some scripts use, are kept.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(
        part if _KEPT_AS_IT_IS.fullmatch(part) else clean_text(part)
        for part in _KEPT_AS_IT_IS.split(text)
    )


class FoldingArea(TextArea):
    """A text area whose marks are deleted as a whole. ``folds`` holds their texts."""

    def __init__(
        self,
        *,
        id: str | None,  # noqa: A002 - Textual's own name for it
        classes: str | None,
        placeholder: Content,
    ) -> None:
        # Textual wraps during its initialisation.
        self._wrapped_for: tuple[object, int] | None = None
        super().__init__(
            id=id,
            classes=classes,
            placeholder=placeholder,
            highlight_cursor_line=False,
            show_line_numbers=False,
        )
        self.folds = Folds()

    def render_lines(self, crop: Region) -> list[Strip]:
        if not self.content_size.width:  # Textual cannot wrap a placeholder to no width at all.
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)

    def expanded(self) -> str:
        """The text with each mark replaced by its paste."""
        return self.folds.expand(self.text)

    def insert_paste(self, text: str) -> None:
        """Replace the selection by a pasted text, folded if it is long."""
        text = clean_input(text)
        self.replace_selection(self.folds.add(text) if is_long(text) else text)

    def replace_selection(self, text: str) -> None:
        start, end = self.selection
        self.replace(text, start, end, maintain_selection_offset=False)

    def action_unfold_paste(self) -> None:
        """Replace the mark at the cursor, or else the last one, by its text."""
        folds = self.folds.in_text(self.text)
        if not folds:
            self.screen.refresh()  # As in a shell: a program may have written over it.
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
        """Delete the whole mark at the cursor; return whether there was one."""
        row, column = self.cursor_location
        if not self.selection.is_empty:
            return False
        for span in self.folds.spans(self.document.get_line(row)):
            if is_meant(span, column):
                self.delete((row, span[0]), (row, span[1]), maintain_selection_offset=False)
                return True
        return False

    def _rewrap_and_refresh_virtual_size(self) -> None:
        """Skip Textual's rewrap of all lines when the scrollbar appears, since its space is
        reserved."""
        wrapped_for = (self.wrapped_document, self.wrap_width)
        if self._wrapped_for == wrapped_for:
            self._refresh_size()
            return
        self._wrapped_for = wrapped_for
        super()._rewrap_and_refresh_virtual_size()

    def _recompute_cursor_offset(self) -> None:
        """Skip Textual's call in the middle of an undo, when the cursor is still in a line that no
        longer exists."""
        if self.cursor_location[0] < self.document.line_count:
            super()._recompute_cursor_offset()  # type: ignore[no-untyped-call]
