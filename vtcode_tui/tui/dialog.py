"""Base class of modal dialogs, which opens and closes with one paint each.

Textual lays out and paints a new screen twice, and computes the dimmed background from every
segment of the screen below. This class skips all paints before the final layout and dims each style
once.
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
from textual.css.types import PointerShape
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets._toast import ToastRack

TALL_LINES = 18
"""Minimum screen height, in lines, for blank lines around the widgets."""
DIALOG_BREAKPOINTS = [(0, "-short"), (TALL_LINES, "-tall")]
"""``VERTICAL_BREAKPOINTS`` of dialogs: ``-short`` ones omit blank lines and less important widgets."""
_RESIZE_ROUND_TRIPS = 3
"""Message round trips until a resize has reached the innermost widget."""
_MAX_LAYOUTS = 4
"""Layouts that may follow a resize before the dialog is painted as it is."""


class Dialog(ModalScreen[ScreenResultType]):
    """A modal dialog."""

    has_set_heights: ClassVar[bool] = False
    """Whether no widget's height depends on its content, so that the first layout is final."""

    def __init__(self) -> None:
        from vtcode_tui.tui.lazy_compositor import LazyCompositor

        super().__init__()
        self._compositor = LazyCompositor()
        self.opened = asyncio.Event()
        """Set after the first paint. Work that the first paint does not need waits for it."""
        self._is_opening = True
        self._backdrop: list[Strip] = []
        self._backdrop_key: tuple[Size, int] | None = None
        self._has_size = False
        self._is_content_fitted = False

    def _post_register(self, app: App[object]) -> None:
        """Sets the breakpoint class for the terminal's height before styles are applied, so that
        the first layout already has it."""
        super()._post_register(app)
        breakpoints = self.VERTICAL_BREAKPOINTS or []
        names = self._get_breakpoint_classes(app.size.height, breakpoints)
        self.add_class(*names, update=False)

    def _extend_compose(self, widgets: list[Widget]) -> None:
        """Leaves out the container of toasts, which ``DialogHost`` mounts with the first one."""

    def _update_auto_focus(self) -> None:
        """Leaves a dialog that is mounted but not opened yet without focus and blinking cursor."""
        if self in self.app.screen_stack:
            super()._update_auto_focus()

    def _watch__pointer_shape(self, pointer_shape: PointerShape) -> None:
        """Leaves the mouse pointer as it is until the dialog is painted."""
        if not self._is_opening:
            super()._watch__pointer_shape(pointer_shape)

    @on(events.ScreenResume)
    def _keep_styles(self, event: events.ScreenResume) -> None:
        if self._is_opening:
            event.refresh_styles = False  # Everything was styled a moment ago, when it was mounted.

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Ignores the layout that Textual requests once all widgets are mounted: they were mounted
        before the dialog was laid out."""
        is_laid_out = self._is_opening and self._has_size
        return super().refresh(
            *regions, repaint=repaint, layout=layout and not is_laid_out, recompose=recompose
        )

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Lays out, then clears the layout requests of all widgets if heights are fixed: Textual
        requests one for each widget whose size changed, which in a new dialog is every widget."""
        super()._refresh_layout(size, scroll)
        if self._is_opening and self.has_set_heights:
            for part in (self, *self.walk_children(Widget)):
                part._layout_required = False

    @on(events.Resize)
    def _take_size(self) -> None:
        self._has_size = True
        if self._is_opening:
            self._is_content_fitted = False
            self.refresh()
            self._paint_when_laid_out(_RESIZE_ROUND_TRIPS, _MAX_LAYOUTS)

    def _paint_when_laid_out(self, rounds: int, layouts: int) -> None:
        """Paints once all widgets have received their sizes and request no more layouts, instead of
        with the next frame: a layout after the first paint would cost a second paint."""
        if not self._is_opening:
            return
        if rounds:
            soon = asyncio.get_running_loop().call_soon
            soon(self.call_later, self._paint_when_laid_out, rounds - 1, layouts)
        elif layouts and self._layout_required:
            self._layout_required = False
            self._refresh_layout()
            self._paint_when_laid_out(_RESIZE_ROUND_TRIPS, layouts - 1)
        elif not self._is_content_fitted:
            self._is_content_fitted = True
            self.fit_content()
            self._paint_when_laid_out(_RESIZE_ROUND_TRIPS, layouts)
        else:
            self._paint_first_time()

    def fit_content(self) -> None:
        """Hook for work that needs the final sizes and must be done before the first paint."""

    def _paint_first_time(self) -> None:
        super()._on_timer_update()
        self._is_opening = False
        self.app._set_pointer_shape(self._pointer_shape)
        self._compositor_refresh()
        self.opened.set()

    def _on_timer_update(self) -> None:
        if self._is_opening and self._has_size:
            # Callbacks that wait for a paint must not run before the first one.
            self._update_timer.pause()
        else:
            super()._on_timer_update()

    def _compositor_refresh(self) -> None:
        if not self._is_opening:
            super()._compositor_refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Renders the dimmed screen below; a dialog has no border and no padding of its own."""
        shown = (self.size, self._backdrop_height())
        if self._dirty_regions or self._backdrop_key != shown:
            rendered = self.render()
            if not isinstance(rendered, BackgroundScreen):
                return super().render_lines(crop)
            self._backdrop, self._backdrop_key = self._render_backdrop(rendered, shown[1]), shown
            self._dirty_regions.clear()
        lines = self._backdrop[crop.y : crop.bottom]
        # Lines under the sheet, and lines that the screen below lacks after the terminal grew.
        lines += [Strip.blank(self.size.width)] * (crop.height - len(lines))
        # While the terminal is resized, the size that is painted is not always this screen's own.
        if crop.column_span != (0, self.size.width):
            lines = [line.crop_extend(*crop.column_span, None) for line in lines]
        return lines

    def _backdrop_height(self) -> int:
        """How many lines of the screen below are visible, from the top."""
        sheets = (child.region for child in self.children)
        tops = [each.y for each in sheets if (each.x, each.right, each.bottom) == (0, *self.size)]
        return min(tops, default=self.size.height)

    def _render_backdrop(self, behind: BackgroundScreen, count: int) -> list[Strip]:
        """The first ``count`` lines of the screen below, dimmed and without click targets."""
        colour, width = behind.color, self.size.width
        filters, background = self.get_line_filters(), self.background_colors[1]
        dimmed: list[Strip] = []
        if not count:  # The compositor would take an empty region for the whole screen.
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


class DialogBody(Vertical):
    """The container of a dialog's widgets. Renders one line and repeats it, since all its lines are
    equal: rendering each would be most of the work, for a background that widgets cover anyway."""

    def render_lines(self, crop: Region) -> list[Strip]:
        line = super().render_lines(Region(crop.x, 0, crop.width, 1))
        return line * crop.height


class DialogHost(App[ReturnType]):
    """An app that paints the screen below a dialog only once when the dialog closes."""

    def _refresh_notifications(self) -> None:
        """Shows toasts in a dialog as well."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(screen, Dialog) and self._notifications and not screen.query(ToastRack):
            screen.mount(ToastRack(id="textual-toastrack"))
        super()._refresh_notifications()

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Skips the layout and paint of the parent, which for a screen is the whole app."""
        return super()._prune(*nodes, parent=None if parent is self else parent)


@lru_cache(maxsize=4096)
def _dimmed(style: Style, colour: Color) -> Style:
    """Dims a style. Page styles carry a position in their metadata, for selecting; without it few
    differ."""
    return _dimmed_bare(style.clear_meta_and_links(), colour)


@lru_cache(maxsize=1024)
def _dimmed_bare(style: Style, colour: Color) -> Style:
    (segment,) = BackgroundScreen.process_segments([Segment("", style)], colour)
    return segment.style or Style.null()


def fill_remaining_height(part: Widget, screen_height: int) -> None:
    """Set the maximum height of ``part``, in lines, to what its siblings leave of the screen."""
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
