"""The line below the conversation that says whether there is more below, and who has the mouse."""

from __future__ import annotations

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from vtcode_tui.tui.rendering.tones import MUTED


class ReadingSign(Widget):
    """Blank while the end is followed. A click goes to the end."""

    DEFAULT_CSS = """
    ReadingSign { height: 1; width: 1fr; padding: 0 4; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    is_following: reactive[bool] = reactive(True)
    has_new_below: reactive[bool] = reactive(False)
    mouse_note: reactive[str] = reactive("")
    end_key: str = "Ctrl+End"

    class Clicked(Message):
        """The user wants to go to the end."""

    def render(self) -> RenderResult:
        parts: list[Content] = []
        if not self.is_following:
            what = "↓ new below" if self.has_new_below else "↓ more below"
            style = "bold $text-primary" if self.has_new_below else MUTED
            click = "" if self.mouse_note else " or a click here"
            parts.append(Content.styled(f"{what} · {self.end_key}{click}", style))
        if self.mouse_note:
            parts.append(Content.styled(self.mouse_note, MUTED))
        return Content("   ").join(parts)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if not self.is_following:
            self.post_message(self.Clicked())
