"""Shows where a link leads before opening it. Dismisses with what to do, or None."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.rendering.tones import ATTENTION, EMPHASIS
from vtcode_tui.tui.sheet import Hint, Sheet

LinkAnswer: TypeAlias = tuple[Literal["open", "copy"], str]

_MOST_LINKS = 50
_LONGEST = 4_000


def host_of(url: str) -> str:
    """The host of a web address in ASCII, as DNS has it; empty if there is none or it is no web
    address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme.lower() not in ("http", "https") or clean_line(url) != url:
            return ""
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return ""


class LinkScreen(Sheet[LinkAnswer | None]):
    """``urls`` are web addresses; the selected one is shown in full."""

    DEFAULT_CSS = """
    LinkScreen {
        & > #sheet { max-width: 84; }
        #whole { height: auto; max-height: 8; margin: 1 0; }
        #address { height: auto; text-wrap: wrap; }
        #links { height: auto; }
        ChoiceGroup { height: auto; }
        #hint { margin: 1 0 0 1; }
        &.-short #whole { max-height: 3; margin: 0; }
        &.-short #hint { margin: 0 0 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]
    AUTO_FOCUS = "Choice"
    fits = "#links"
    most_lines = 12

    def __init__(self, urls: tuple[str, ...]) -> None:
        super().__init__()
        self._urls = urls[:_MOST_LINKS]
        self._chosen = self._urls[0]
        self._choices = {
            Choice(f"Open {host_of(url)}", clean_line(url, 200)): url for url in self._urls
        }

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield Static(Content(), id="title")
            with VerticalScroll(id="whole", can_focus=False):
                yield Static(Content(), id="address")
            with VerticalScroll(id="links", can_focus=False), ChoiceGroup():
                yield from self._choices
            yield Hint("enter open · y copy the address · esc close")

    def on_mount(self) -> None:
        self._show(self._urls[0])

    def fit(self) -> None:
        self.other_lines = 11 if self.has_class("-tall") else 5
        super().fit()

    def on_descendant_focus(self) -> None:
        focused = self.focused
        if isinstance(focused, Choice) and focused in self._choices:
            self._show(self._choices[focused])
            focused.scroll_visible(animate=False)

    def _show(self, url: str) -> None:
        self._chosen = url
        title = Content.assemble(("Open ", ATTENTION), (host_of(url), EMPHASIS), " in the browser?")
        self.query_one("#title", Static).update(title)
        self.query_one("#address", Static).update(Content(clean_line(url, _LONGEST)))

    @on(Choice.Chosen)
    def _open(self, event: Choice.Chosen) -> None:
        event.stop()
        self._answer(("open", self._choices.get(event.choice, self._chosen)))

    def action_copy(self) -> None:
        self._answer(("copy", self._chosen))

    def action_close(self) -> None:
        self._answer(None)

    def _answer(self, answer: LinkAnswer | None) -> None:
        if self.is_active:
            self.dismiss(answer)
