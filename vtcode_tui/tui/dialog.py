"""A screen on top of the conversation that is there at once: one paint opens it, one closes it.

Textual lays a new screen out twice and paints it each time, and works out what shines through it
from every segment of the screen below. Here what comes before the final layout is not painted, and
each style below is dimmed once.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import App, RenderResult, ReturnType
from textual.await_remove import AwaitRemove
from textual.color import Color
from textual.css.styles import RulesMap
from textual.dom import DOMNode
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

_ROUNDS = 3
"""How often messages go round until a new size has come to the innermost part."""


class Dialog(ModalScreen[ScreenResultType]):
    """Asks or shows something."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        """Set when it has been painted: what it does not begin with can wait for that."""
        self._is_opening = True
        self._has_size = False

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

    @on(events.Resize)
    def _take_size(self) -> None:
        self._has_size = True
        if self._is_opening:
            self.refresh()
            self._open_soon(_ROUNDS)

    def _open_soon(self, rounds: int) -> None:
        """Rather than with the next frame, but once its parts have taken in their sizes too."""
        if rounds:
            asyncio.get_running_loop().call_soon(self.call_later, self._open_soon, rounds - 1)
        else:
            self._on_timer_update()

    def _on_timer_update(self) -> None:
        is_opened = self._is_opening and self._has_size
        super()._on_timer_update()
        if is_opened:
            self._is_opening = False
            self._compositor_refresh()
            self.opened.set()

    def _compositor_refresh(self) -> None:
        if not self._is_opening:
            super()._compositor_refresh()

    def render(self) -> RenderResult:  # type: ignore[override]
        rendered = super().render()
        if isinstance(rendered, BackgroundScreen):
            return _Dimmed(rendered.screen, rendered.color)
        return rendered


class DialogHost(App[ReturnType]):
    """An app that paints what was below a dialog once when it closes."""

    def _prune(self, *nodes: Widget, parent: DOMNode | None = None) -> AwaitRemove:
        """Textual lays out and paints the parent again, which for a screen is the whole app."""
        return super()._prune(*nodes, parent=None if parent is self else parent)


class _Dimmed(Visual):
    """What is on ``screen``, under ``colour``, and with nothing to click."""

    def __init__(self, screen: Screen[object], colour: Color) -> None:
        self._screen = screen
        self._colour = colour

    def render_strips(
        self,
        width: int,
        height: int | None,
        style: VisualStyle,  # noqa: ARG002 - as Textual calls it
        options: RenderOptions,  # noqa: ARG002
    ) -> list[Strip]:
        colour = self._colour
        strips = self._screen._compositor.render_strips()
        return [
            Strip(
                [Segment(text, _dimmed(style or Style.null(), colour)) for text, style, _ in strip],
                strip.cell_length,
            ).adjust_cell_length(width)
            for strip in strips[:height]
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        return self._screen.size.height


@lru_cache(maxsize=4096)
def _dimmed(style: Style, colour: Color) -> Style:
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
