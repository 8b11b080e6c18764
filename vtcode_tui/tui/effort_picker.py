"""Asks how hard the model should think. Dismisses with a choice, or None to keep the current one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.passing_question import PassingQuestion
from vtcode_tui.tui.rendering.tones import TITLE
from vtcode_tui.tui.sheet import Hint

_MEANINGS = {
    "none": "answers at once, without thinking",
    "low": "thinks briefly",
    "medium": "thinks before it answers",
    "high": "thinks longer, for harder tasks",
    "max": "thinks as long as it can",
}


class EffortPicker(PassingQuestion[str]):
    """``choices`` in display order; the focus starts on ``current``, else on ``medium`` or the
    first."""

    DEFAULT_CSS = """
    EffortPicker {
        & > #sheet { max-width: 64; }
        ChoiceGroup { margin: 1 0; }
    }
    """

    def __init__(
        self, choices: Sequence[str], current: str | None = None, *, model: str = ""
    ) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self._current = current
        self._model = model

    def compose(self) -> ComposeResult:
        title = f"Effort for {clean_line(self._model, 40)}" if self._model else "Effort"
        with DialogBody(id="sheet"):
            yield Static(Content.styled(title, TITLE))
            yield Static(Content("More thinking takes longer and uses more tokens."), id="about")
            with ChoiceGroup():
                for index, choice in enumerate(self._choices):
                    mark = " ✓" if choice == self._current else "  "
                    yield Choice(
                        choice + mark,
                        _MEANINGS.get(choice, ""),
                        label_width=max(map(len, self._choices)) + 2,
                        id=f"effort-{index}",
                    )
            yield Hint("↑ ↓ then enter · esc keep")

    def on_mount(self) -> None:
        if not self._choices:
            return
        wanted = [level for level in (self._current, "medium") if level in self._choices]
        index = self._choices.index(wanted[0]) if wanted else 0
        self.set_focus(self.query_one(f"#effort-{index}", Choice), scroll_visible=False)

    @on(Choice.Chosen)
    def _choose(self, event: Choice.Chosen) -> None:
        event.stop()
        index = int((event.choice.id or "").removeprefix("effort-"))
        self.finish(self._choices[index])
