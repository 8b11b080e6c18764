"""A line to type in, and the keys of a widget done in the order in which they were typed."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input


class Field(Input):
    """One line without a frame, on the ground that it stands on."""

    DEFAULT_CSS = """
    Field {
        width: 1fr;
        height: 1;
        border: none;
        padding: 0;
        background: transparent;
        &:focus { border: none; background-tint: transparent 0%; }
    }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        select_on_focus: bool = True,
    ) -> None:
        super().__init__(value, placeholder=placeholder, id=id, select_on_focus=select_on_focus)
        # One that blinks paints twice a second for as long as it is there.
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        if not event.is_printable and await run_own_binding(self, event):
            return
        await super()._on_key(event)


class QueryField(Field):
    """A field of a dialog, behind a ``›`` of its own rather than a widget's: each widget of a dialog
    makes it open later."""

    DEFAULT_CSS = """
    QueryField { padding: 0 0 0 2; }
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        lines = super().render_lines(crop)
        if crop.x:
            return lines
        style = self.visual_style + Style.parse("$text-primary")
        prompt = Strip([Segment("› ", style.rich_style)], 2)
        return [Strip.join([prompt, line.crop(2)]) for line in lines]


async def run_own_binding(widget: Widget, event: events.Key) -> bool:
    """Do at once what a key of ``widget`` is for; whether it is one.

    Textual does it when the key has gone up to the app: letters that came with it in one read,
    as they do while the app is busy, would be typed before it.
    """
    active = widget.screen.active_bindings.get(event.key)
    if active is None or active.node is not widget or not active.enabled:
        return False
    is_done = await widget.app.run_action(active.binding.action, default_namespace=widget)
    if is_done:
        event.stop()
        event.prevent_default()
    return is_done
