"""Chooses the theme: each is previewed while it is highlighted, Esc restores the old one.

Dismisses with the theme and whether to save it, or None to keep the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.rendering.tones import TITLE
from vtcode_tui.tui.sheet import Sheet

_HINT = "↑ ↓ try one on · enter keep for now · ctrl+s save · esc back"


@dataclass(frozen=True, slots=True)
class PickedTheme:
    name: str
    saves: bool


class ThemePicker(Sheet[PickedTheme | None]):
    """``themes`` are names of the app's themes; ``current`` is the current one."""

    DEFAULT_CSS = """
    ThemePicker {
        align: right middle;
        background: transparent;
        & > #sheet { max-width: 44; }
        #hint { height: auto; text-wrap: wrap; }
        &.-short OptionList { margin: 0; }
        OptionList {
            margin: 1 0;
            &:focus > .option-list--option-highlighted {
                color: $foreground;
                background: $block-cursor-blurred-background;
                text-style: bold;
            }
        }
    }
    """
    AUTO_FOCUS = "OptionList"
    fits = "OptionList"
    most_lines = 14
    other_lines = 3
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("ctrl+s", "save", "Save", show=False),
    ]

    def __init__(self, themes: Sequence[str], current: str) -> None:
        super().__init__()
        self._themes = tuple(themes)
        self._previous = current

    def compose(self) -> ComposeResult:
        options = [
            Option(Content(f"{name} ✓" if name == self._previous else name), id=name)
            for name in self._themes
        ]
        with DialogBody(id="sheet"):
            yield Static(Content.styled("Theme", TITLE))
            yield OptionList(*options, markup=False)
            yield Static(Content(_HINT), id="hint")

    def on_mount(self) -> None:
        if self._previous in self._themes:
            self.query_one(OptionList).highlighted = self._themes.index(self._previous)

    def fit(self) -> None:
        super().fit()
        self.call_after_refresh(self.query_one(OptionList).scroll_to_highlight)

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option.id in self._themes:
            self.app.theme = event.option.id

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self._finish(PickedTheme(event.option.id, saves=False))

    def action_save(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        if option is not None and option.id is not None:
            self._finish(PickedTheme(option.id, saves=True))

    def action_back(self) -> None:
        self.app.theme = self._previous
        self._finish(None)

    def _finish(self, picked: PickedTheme | None) -> None:
        if self.is_active:
            self.dismiss(picked)
