"""All commands and keys on one screen to scroll through, from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from vtcode_tui.tui.actions import Action, in_groups, keys_in_words
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED, TITLE

_HOW = "up, down, page up and page down scroll · esc closes"
_NOTES = ("Keys can be changed in vtcode.toml, under [ui.keys], by the name of an action.",)


class HelpScreen(ModalScreen[None]):
    """Shows ``actions``; Esc, q, ? and F1 close it."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & > #sheet {
            width: 100%;
            max-width: 96;
            height: auto;
            max-height: 100%;
            background: $surface;
            border-left: outer $primary;
            padding: 1 2;
        }
        VerticalScroll {
            height: auto;
            max-height: 100vh;
            scrollbar-size-vertical: 1;
            margin: 1 0;
        }
        #title, #how { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #how { color: $foreground 70%; }
    }
    """
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close", show=False),
    ]

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = tuple(actions)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled("Commands and keys", TITLE), id="title")
            with VerticalScroll():
                yield Static(help_text(self._actions))
            yield Static(Content(_HOW), id="how")

    def on_mount(self) -> None:
        # The list is as high as there is room for beside the other lines of the sheet.
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        self.query_one(VerticalScroll).styles.max_height = max(3, self.size.height - 6)

    def action_close(self) -> None:
        if self.is_active:
            self.dismiss(None)


def help_text(actions: Iterable[Action]) -> Content:
    """The rows under their headings: the command, the keys, what it does."""
    rows = in_groups(actions)
    width = max(len(_ways(action)) for group in rows.values() for action in group)
    lines: list[Content] = []
    for heading, group in rows.items():
        if lines:
            lines.append(Content(""))
        lines.append(Content.styled(heading, TITLE))
        lines += [
            Content.assemble((f"  {_ways(each).ljust(width)}", EMPHASIS), f"  {each.description}")
            for each in group
        ]
    lines += [Content(""), *(Content.styled(note, MUTED) for note in _NOTES)]
    return Content("\n").join(lines)


def _ways(action: Action) -> str:
    """``/export [md|json]``, ``/model, Ctrl+O``."""
    command = f"{action.slash} {action.argument}".strip()
    return ", ".join(filter(None, (command, keys_in_words(action))))
