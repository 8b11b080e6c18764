"""The widths of a page's columns, and its colours from the theme."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from textual.widget import Widget

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.drawing import MARGIN
from vtcode_tui.tui.blocks.page_css import PAGE_STYLES
from vtcode_tui.tui.blocks.palette import Palette

_RIGHT_MARGIN = 2
_WIDEST_COLUMN = 104
_WIDEST_CODE = 200
_NARROWEST_COLUMN = 16


def columns_in(width: int) -> tuple[int, int]:
    """Cells for text and for code in a page of ``width``."""
    room = max(_NARROWEST_COLUMN, width - MARGIN - _RIGHT_MARGIN)
    return min(_WIDEST_COLUMN, room), min(_WIDEST_CODE, room)


def palette_of(page: Widget) -> Palette:
    """The transcript's colours in the current theme, on the page's background."""
    base, parsed = page.visual_style, page.app.stylesheet.parse_style

    def named(names: Iterable[str]) -> dict[str, Style]:
        return {name: (base + parsed(PAGE_STYLES[name])).rich_style for name in names}

    return Palette(base.rich_style, named(styles.ROLES), named(styles.BACKGROUNDS[1:]))
