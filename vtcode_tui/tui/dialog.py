"""A screen on top of the conversation that is there at once: one paint opens it, one closes it.

Textual lays a new screen out twice and paints it each time, and works out what shines through it
from every segment of the screen below. Here what comes before the final layout is not painted, and
each style below is dimmed once.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import App, ReturnType
from textual.await_remove import AwaitRemove
from textual.color import Color
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

_ROUNDS = 3
"""How often messages go round until a new size has come to the innermost part."""
_LAYOUTS = 4
"""How often what a new size leads to is laid out before it is painted as it is."""


class Dialog(ModalScreen[ScreenResultType]):
    """Asks or shows something."""

    has_set_heights: ClassVar[bool] = False
    """Whether no part's height follows from what is in it: then the first layout is the final one."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        """Set when it has been painted: what it does not begin with can wait for that."""
        self._is_opening = True
        self._behind: list[Strip] = []
        self._behind_of: tuple[Size, int] | None = None
        self._has_size = False
        self._is_settled = False

    def _post_register(self, app: App[object]) -> None:
        """Styled for the terminal's height from the first layout on; this comes before the styles."""
        super()._post_register(app)
        breakpoints = self.VERTICAL_BREAKPOINTS or []
        names = self._get_breakpoint_classes(app.size.height, breakpoints)
        self.add_class(*names, update=False)

    @on(events.ScreenResume)
    def _keep_styles(self, event: events.ScreenResume) -> None:
        if self._is_opening:
            event.refresh_styles = False  # All of it was styled a moment ago, as it was mounted.

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Textual asks for a layout when all parts are mounted: they had been when it had its size."""
        is_laid_out = self._is_opening and self._has_size
        return super().refresh(
            *regions, repaint=repaint, layout=layout and not is_laid_out, recompose=recompose
        )

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Whatever has another size than before asks for a layout, and all parts of a new dialog have."""
        super()._refresh_layout(size, scroll)
        if self._is_opening and self.has_set_heights:
            for part in (self, *self.walk_children(Widget)):
                part._layout_required = False

    @on(events.Resize)
    def _take_size(self) -> None:
        self._has_size = True
        if self._is_opening:
            self._is_settled = False
            self.refresh()
            self._open_soon(_ROUNDS, _LAYOUTS)

    def _open_soon(self, rounds: int, layouts: int) -> None:
        """Rather than with the next frame, but once its parts have taken in their sizes too, and
        have asked for no other ones: a layout after the first paint is a paint of its own."""
        if not self._is_opening:
            return
        if rounds:
            soon = asyncio.get_running_loop().call_soon
            soon(self.call_later, self._open_soon, rounds - 1, layouts)
        elif layouts and self._layout_required:
            self._layout_required = False
            self._refresh_layout()
            self._open_soon(_ROUNDS, layouts - 1)
        elif not self._is_settled:
            self._is_settled = True
            self.settle()
            self._open_soon(_ROUNDS, layouts)
        else:
            self._appear()

    def settle(self) -> None:
        """What can be done only where all has its size, and has to be before it is painted."""

    def _appear(self) -> None:
        super()._on_timer_update()
        self._is_opening = False
        self._compositor_refresh()
        self.opened.set()

    def _on_timer_update(self) -> None:
        if self._is_opening and self._has_size:
            # What waits for a paint must not be told of one before there was one.
            self._update_timer.pause()
        else:
            super()._on_timer_update()

    def _compositor_refresh(self) -> None:
        if not self._is_opening:
            super()._compositor_refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """What is behind, line by line: a dialog has no frame and no padding of its own."""
        shown = (self.size, self._lines_behind())
        if self._dirty_regions or self._behind_of != shown:
            rendered = self.render()
            if not isinstance(rendered, BackgroundScreen):
                return super().render_lines(crop)
            self._behind, self._behind_of = self._dim(rendered, shown[1]), shown
            self._dirty_regions.clear()
        lines = self._behind[crop.y : crop.bottom]
        # Those under the sheet, and what the screen below does not have yet of a terminal that grew.
        lines += [Strip.blank(self.size.width)] * (crop.height - len(lines))
        if crop.column_span != (0, self.size.width):
            lines = [line.crop(*crop.column_span) for line in lines]
        return lines

    def _lines_behind(self) -> int:
        """How many lines of the screen below are seen, from the top."""
        sheets = (child.region for child in self.children)
        tops = [each.y for each in sheets if (each.x, each.right, each.bottom) == (0, *self.size)]
        return min(tops, default=self.size.height)

    def _dim(self, behind: BackgroundScreen, count: int) -> list[Strip]:
        """The first lines of the screen below under a colour, and with nothing to click."""
        colour, width = behind.color, self.size.width
        filters, background = self.get_line_filters(), self.background_colors[1]
        dimmed: list[Strip] = []
        if not count:  # A region of no lines would be taken for all of them.
            return dimmed
        seen = Region(0, 0, width, count)
        chops = behind.screen._compositor._render_chops(seen, lambda y: y < count)
        for strip in (Strip.join(chop.values()) for chop in chops[:count]):
            segments = [
                Segment(text, _dimmed(style or Style.null(), colour)) for text, style, _ in strip
            ]
            for each in filters:
                segments = each.apply(segments, background)
            dimmed.append(Strip(segments, strip.cell_length).adjust_cell_length(width))
        return dimmed


class Ground(Vertical):
    """What the parts of a dialog stand on. All its lines look the same, so one is made for all: that is
    most of the work of a ground that its parts cover."""

    def render_lines(self, crop: Region) -> list[Strip]:
        line = super().render_lines(Region(crop.x, 0, crop.width, 1))
        return line * crop.height


class DialogHost(App[ReturnType]):
    """An app that paints what was below a dialog once when it closes."""

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Textual lays out and paints the parent again, which for a screen is the whole app."""
        return super()._prune(*nodes, parent=None if parent is self else parent)


@lru_cache(maxsize=4096)
def _dimmed(style: Style, colour: Color) -> Style:
    """The styles of a page differ by where they are, for selecting; few of them by more than that."""
    return _dimmed_bare(style.clear_meta_and_links(), colour)


@lru_cache(maxsize=1024)
def _dimmed_bare(style: Style, colour: Color) -> Style:
    (segment,) = BackgroundScreen.process_segments([Segment("", style)], colour)
    return segment.style or Style.null()


def fill_sheet(part: Widget, screen_height: int) -> None:
    """Give ``part`` the height, in lines, that the other lines of its sheet leave on the screen."""
    sheet = part.parent
    if not isinstance(sheet, Widget):
        return
    others = sum(
        child.outer_size.height + child.styles.margin.height
        for child in sheet.children
        if child is not part and child.display
    )
    room = screen_height - others - part.styles.margin.height - sheet.styles.padding.height
    part.styles.max_height = max(1, room)
