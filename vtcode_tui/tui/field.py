"""A line to type in, and the keys of a widget done in the order in which they were typed."""

from __future__ import annotations

from textual import events
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
