"""A single-line text input, and a helper that runs key bindings in typing order."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection


class Field(Input):
    """An ``Input`` of one line without border or background."""

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
        # A blinking cursor repaints twice a second.
        self.cursor_blink = False

    def _watch_selection(self, selection: Selection) -> None:
        """Leaves text that is selected on the screen selected while this field is mounted in a
        dialog that is not open."""
        if self.screen.is_current:
            super()._watch_selection(selection)

    async def _on_key(self, event: events.Key) -> None:
        if not event.is_printable and await run_own_binding(self, event):
            return
        await super()._on_key(event)


class QueryField(Field):
    """A field with a ``› `` in front. It is drawn here, not by another widget: each widget makes a
    dialog open more slowly."""

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
    """Run the action that ``widget`` binds to the key, if any, at once; return whether one ran.

    Textual runs it only after the key has bubbled up to the app. Letters that were read together
    with the key, as happens while the app is busy, would be typed before it.
    """
    active = widget.screen.active_bindings.get(event.key)
    if active is None or active.node is not widget or not active.enabled:
        return False
    is_done = await widget.app.run_action(active.binding.action, default_namespace=widget)
    if is_done:
        event.stop()
        event.prevent_default()
    return is_done
