"""The commands of the palette (Ctrl+P), from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import App
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from vtcode_tui.tui.actions import Action, keys_in_words
from vtcode_tui.tui.rendering.tones import MUTED

Start = Callable[[Action], None]


def show_palette(app: App[int], actions: Sequence[Action], start: Start) -> None:
    """Let the user search ``actions``; ``start`` takes the one that is chosen."""
    if not isinstance(app.screen, CommandPalette):
        app.push_screen(
            CommandPalette(
                providers=[provider_of([each for each in actions if each.is_in_palette], start)],
                placeholder="Search commands",
            )
        )


def provider_of(actions: Sequence[Action], start: Start) -> type[Provider]:
    """A provider of exactly these actions; each line is Content, so that no text is markup."""

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
