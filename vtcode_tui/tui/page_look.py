"""How wide the parts of a page are, and the colours that its theme gives it."""

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
    """How many cells go beside one another in a page of ``width``: of text, and of code."""
    room = max(_NARROWEST_COLUMN, width - MARGIN - _RIGHT_MARGIN)
    return min(_WIDEST_COLUMN, room), min(_WIDEST_CODE, room)


def palette_of(page: Widget) -> Palette:
    """The colours of a transcript in the present theme, on ``page``'s own ground."""
    base, parsed = page.visual_style, page.app.stylesheet.parse_style

    def named(names: Iterable[str]) -> dict[str, Style]:
        return {name: (base + parsed(PAGE_STYLES[name])).rich_style for name in names}

    return Palette(base.rich_style, named(styles.ROLES), named(styles.GROUNDS[1:]))
