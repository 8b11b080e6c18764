"""Offers the way on after a turn that failed for a known reason. Dismisses with what was chosen.

It is never in the way of writing: a letter closes it, and goes on in the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.rendering.tones import EMPHASIS
from vtcode_tui.tui.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Way:
    """One way on; ``name`` is what the screen is dismissed with."""

    name: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """``title`` says what is the matter, ``about`` more of it; Enter takes the first of ``ways``."""

    title: str
    ways: tuple[Way, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """``way`` is empty where none was taken; ``typed`` is for the prompt."""

    way: str = ""
    typed: str = ""


class RemedyScreen(Sheet[Answered]):
    DEFAULT_CSS = """
    RemedyScreen {
        & > #sheet { max-width: 76; border-left: outer $warning; }
        Static { height: auto; text-wrap: wrap; }
        ChoiceGroup { margin: 1 0 0 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False)]

    def __init__(self, remedy: Remedy) -> None:
        super().__init__()
        self._remedy = remedy

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            yield Static(Content.styled(clean_line(self._remedy.title, 300), EMPHASIS))
            if self._remedy.about:
                yield Static(Content(clean_text(self._remedy.about)), id="about")
            with ChoiceGroup():
                yield from _choices((*self._remedy.ways, Way("", "Leave it", "esc")))

    def on_mount(self) -> None:
        self.set_focus(self.query(Choice).first(), scroll_visible=False)

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character is not None:
            event.stop()
            event.prevent_default()
            self._answer(Answered(typed=event.character))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._answer(Answered(typed=event.text))

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        index = int((event.choice.id or "").removeprefix("way-"))
        ways = self._remedy.ways
        self._answer(Answered(ways[index].name if index < len(ways) else ""))

    def action_leave(self) -> None:
        self._answer(Answered())

    def _answer(self, answered: Answered) -> None:
        if self.is_active:
            self.dismiss(answered)


def _choices(ways: Sequence[Way]) -> list[Choice]:
    width = max(len(way.label) for way in ways)
    return [
        Choice(way.label, clean_line(way.detail, 200), label_width=width, id=f"way-{index}")
        for index, way in enumerate(ways)
    ]
