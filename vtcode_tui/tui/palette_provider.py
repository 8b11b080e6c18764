"""The commands of the palette (Ctrl+P), from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import App
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input, OptionList

from vtcode_tui.tui.actions import WANTED_FIRST, Action, keys_in_words
from vtcode_tui.tui.dialog import DIALOG_BREAKPOINTS
from vtcode_tui.tui.rendering.tones import MUTED

Start = Callable[[Action], None]


class Palette(CommandPalette):
    """Textual's command palette with the look of this app's dialogs: one line per command, no
    frames."""

    VERTICAL_BREAKPOINTS = DIALOG_BREAKPOINTS
    DEFAULT_CSS = """
    Palette {
        &.-short > Vertical { margin: 0; }
        &.-short #--input { padding: 0 1; }
        & > Vertical { background: $surface; max-width: 104; }
        #--input { border: none; border-left: outer $primary; padding: 1; background: $surface; }
        #--input.--list-visible { border: none; border-left: outer $primary; }
        #--input SearchIcon { display: none; }
        CommandInput { padding: 0; background: $surface; }
        CommandList {
            border: none;
            border-left: outer $primary;
            padding: 0 1 1 1;
            background: $surface;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            scrollbar-size: 0 1;
            & > .option-list--option { text-style: none; }
            & > .option-list--option-highlighted {
                color: $foreground;
                background: $block-cursor-blurred-background;
            }
        }
    }
    """
    _is_done = False

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _choose_once(self, event: OptionList.OptionSelected | Input.Submitted) -> None:
        """Ignore a second Enter directly after the first: it would dismiss a palette that is closed."""
        if self._is_done:
            event.stop()
            event.prevent_default()
        self._is_done |= isinstance(event, OptionList.OptionSelected)


def show_palette(app: App[int], actions: Sequence[Action], start: Start) -> None:
    """Let the user search ``actions``; ``start`` gets the chosen one."""
    if not isinstance(app.screen, CommandPalette):
        shown = [each for each in actions if each.is_in_palette]
        shown.sort(key=lambda action: WANTED_FIRST.index(action.group))
        app.push_screen(
            Palette(providers=[provider_of(shown, start)], placeholder="Search commands")
        )


def provider_of(actions: Sequence[Action], start: Start) -> type[Provider]:
    """A provider of exactly these actions; each line is Content, so that no text is parsed as
    markup."""

    class ActionProvider(Provider):
        async def discover(self) -> Hits:
            for action in actions:
                yield DiscoveryHit(_line(action), lambda action=action: start(action))

        async def search(self, query: str) -> Hits:
            matcher = self.matcher(query)
            for action in actions:
                score = max(map(matcher.match, (action.slash, action.description)))
                if score > 0:
                    yield Hit(score, _line(action), lambda action=action: start(action))

    return ActionProvider


def _line(action: Action) -> Content:
    described = action.description[:1].upper() + action.description[1:]
    beside = "  ".join(filter(None, (action.slash, keys_in_words(action))))
    return Content.assemble(described, ("  " + beside if beside else "", MUTED))
