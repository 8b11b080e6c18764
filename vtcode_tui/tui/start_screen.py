"""The first screen that is painted: looks like the empty chat and needs few modules.

The chat is imported while this is shown, and replaces it without a visible change. Keys that are
typed meanwhile are shown here and then sent to the chat.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from vtcode_tui.config.launch import Launch
from vtcode_tui.tui.contrast import legible
from vtcode_tui.tui.hints import BREAKPOINTS, HintLine, first_hints, placeholder_for
from vtcode_tui.tui.keymap import actions_with_keys
from vtcode_tui.tui.rendering.tones import MUTED
from vtcode_tui.tui.status_bar import StatusBar
from vtcode_tui.tui.status_line import Status


class EmptyPage(Widget):
    """The place of the conversation, with hints on how to begin."""

    DEFAULT_CSS = """
    EmptyPage { height: 1fr; padding: 1 2 0 4; color: $foreground 62%; }
    """

    def __init__(self, hints: tuple[str, ...]) -> None:
        super().__init__()
        self._hints = "\n".join(hints)

    def render(self) -> RenderResult:
        _, _, background, colour = self.colors
        if colour.ansi is not None:  # Colours of the terminal's own palette cannot be blended.
            return Content.styled(self._hints, Style(foreground=colour, dim=True))
        return Content.styled(
            self._hints, Style(foreground=legible(background + colour, (background,)))
        )


class FirstPrompt(Widget):
    """The place of the prompt, with the text typed so far."""

    DEFAULT_CSS = """
    FirstPrompt {
        height: 1;
        margin: 1 0 0 0;
        padding: 0 1;
        border-left: outer $primary;
        background: $surface;
        text-wrap: nowrap;
        & > .first-prompt--cursor { text-style: $input-cursor-text-style; }
        &:ansi > .first-prompt--cursor { text-style: reverse; }
        &:dark > .first-prompt--cursor {
            color: $input-cursor-foreground;
            background: $input-cursor-background;
        }
        &:light > .first-prompt--cursor { color: $text 90%; background: $foreground 70%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"first-prompt--cursor"}

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._is_echoing = True

    def take(self, event: events.Event) -> None:
        """Show typed text, up to the first key that only the chat can handle."""
        text = _text_after(self._text, event) if self._is_echoing else None
        self._is_echoing = text is not None
        if text is not None:
            self._text = text
            self.refresh()

    def render(self) -> RenderResult:
        cursor = Style.from_rich_style(self.get_component_rich_style("first-prompt--cursor"))
        if self._text:
            return Content.assemble(self._text, (" ", cursor))
        words = placeholder_for(self.content_size.width)
        return Content.assemble((words[:1] or " ", cursor), (words[1:], MUTED))


def _text_after(text: str, event: events.Event) -> str | None:
    """``text`` after a key that adds or deletes a character; None for any other event."""
    if not isinstance(event, events.Key):
        return None
    if event.key == "backspace" and text:
        return text[:-1]
    if not event.is_printable or not event.character or "+" in event.key:
        return None
    is_help = event.character == "?" and not text
    return None if is_help else text + event.character


class StartScreen(Screen[None]):
    """``launch`` holds everything that the process was started with."""

    DEFAULT_CSS = """
    StartScreen.-low HintLine { display: none; }
    """
    DEFAULT_CLASSES = "-high"
    VERTICAL_BREAKPOINTS = BREAKPOINTS

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self._launch = launch

    def compose(self) -> ComposeResult:
        actions = actions_with_keys(self._launch.loaded)
        bar = StatusBar(clock=self._launch.clock)
        bar.show(first_status(self._launch))
        yield EmptyPage(first_hints(actions))
        yield FirstPrompt()
        yield bar
        yield HintLine(actions)

    def _pop_result_callback(self) -> None:
        """Does nothing: nobody waits for a result of the first screen, but Textual pops a callback
        when it is switched."""

    def take(self, event: events.Event) -> None:
        """Show a typed key or paste."""
        for prompt in self.query(FirstPrompt):
            prompt.take(event)


def first_status(launch: Launch) -> Status:
    """The status line before anything has started."""
    return Status(
        model="no model",
        effort=launch.loaded.settings.agent.reasoning_effort or "",
        mode="normal",
        trust="trusted" if launch.loaded.given_trust is not None else "",
        workspace=launch.workspace.name,
    )
