"""Offers remedies after a failed turn. Dismisses with the name of the chosen one, or None."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody, fill_remaining_height
from vtcode_tui.tui.passing_question import PassingQuestion
from vtcode_tui.tui.rendering.tones import EMPHASIS


@dataclass(frozen=True, slots=True)
class RemedyOption:
    """One option; the screen is dismissed with its ``name``."""

    name: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """``title`` names the problem, ``about`` explains it; Enter takes the first of ``ways``."""

    title: str
    ways: tuple[RemedyOption, ...]
    about: str = ""


class RemedyScreen(PassingQuestion[str]):
    """The focus starts on the first option."""

    DEFAULT_CSS = """
    RemedyScreen {
        & > #sheet { max-width: 76; border-left: outer $warning; }
        Static { height: auto; text-wrap: wrap; }
        ChoiceGroup { margin: 1 0 0 0; }
    }
    """

    def __init__(self, remedy: Remedy) -> None:
        super().__init__()
        self._remedy = remedy

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield Static(Content.styled(clean_line(self._remedy.title, 300), EMPHASIS))
            if self._remedy.about:
                yield Static(Content(clean_text(self._remedy.about)), id="about")
            with ChoiceGroup():
                yield from _choices((*self._remedy.ways, RemedyOption("", "Leave it", "esc")))

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit_text)

    def _fit_text(self) -> None:
        """Give the remaining height to the text; the options stay visible."""
        for about in self.query("#about"):
            fill_remaining_height(about, self.size.height)

    def on_mount(self) -> None:
        self.set_focus(self.query(Choice).first(), scroll_visible=False)

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        index = int((event.choice.id or "").removeprefix("way-"))
        ways = self._remedy.ways
        self.finish(ways[index].name if index < len(ways) else None)


def _choices(ways: Sequence[RemedyOption]) -> list[Choice]:
    width = max(len(way.label) for way in ways)
    return [
        Choice(way.label, clean_line(way.detail, 200), label_width=width, id=f"way-{index}")
        for index, way in enumerate(ways)
    ]
