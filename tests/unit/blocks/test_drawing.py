"""Strips of lines are drawn once, and go with the drawer that drew them."""

from __future__ import annotations

import gc

from rich.style import Style

from vtcode_tui.conversation.events import NoticeLevel
from vtcode_tui.transcript.blocks import NoticeBlock
from vtcode_tui.tui.blocks.block_view import BlockView
from vtcode_tui.tui.blocks.drawing import Drawer
from vtcode_tui.tui.blocks.lines import Line
from vtcode_tui.tui.blocks.palette import Palette
from vtcode_tui.tui.blocks.styles import BACKGROUNDS, ROLES


def drawer() -> Drawer:
    style = Style(color="#dddddd", bgcolor="#111111")
    palette = Palette(style, dict.fromkeys(ROLES, style), dict.fromkeys(BACKGROUNDS, style))
    return Drawer(palette, width=40, column=36, wide=36)


def view(*texts: str) -> BlockView:
    made = BlockView(NoticeBlock(NoticeLevel.INFO, ""))
    made.lines = [Line(((text, 0),)) for text in texts]
    return made


def test_a_line_is_drawn_again_only_when_it_changed() -> None:
    draws, shown = drawer(), view("first", "second")
    before = draws.draw(0, shown, 1, is_cursor=False)
    assert draws.draw(0, shown, 1, is_cursor=False) is before
    shown.lines[1] = Line((("another", 0),))
    after = draws.draw(0, shown, 1, is_cursor=False)
    assert "another" in after.text
    assert draws.draw(0, shown, 1, is_cursor=False) is after


def test_a_drawer_and_its_strips_are_no_work_for_the_garbage_collector() -> None:
    draws, shown = drawer(), view("first", "second")
    for row in (0, 1):
        draws.draw(0, shown, row, is_cursor=False)
    gc.collect()
    gc.disable()
    try:
        del draws
        assert gc.collect() == 0
    finally:
        gc.enable()
