"""Asks whether to trust what a project's files ask for. Dismisses with the answer.

Lists exactly the set that an approval covers. Keys typed ahead decide nothing, and the set can be
approved only after its end was on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from vtcode_tui.config.trust import TrustQuestion
from vtcode_tui.config.trust_words import TrustLine
from vtcode_tui.conversation.results import TextDisplay
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.consent_dialog import GUARD_CHECK_S, HELD, ConsentDialog
from vtcode_tui.tui.dialog import DialogBody, fill_remaining_height
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.rendering.tones import ATTENTION, BAD, EMPHASIS
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

_LABEL_WIDTH = len("Trust these settings")
_MARKS = {
    "new": "new",
    "changed": "changed",
    "same": "as before",
    "gone": "no longer",
    "ignored": "never",
}
_FOCUS_KEYS = ("up", "down", "left", "right", "tab", "shift+tab")


class TrustAnswer(StrEnum):
    TRUST = "trust"
    WITHOUT = "without"
    QUIT = "quit"


class TrustScreen(ConsentDialog[TrustAnswer]):
    """``lines`` describe ``question``; ``clock`` gives monotonic seconds.

    ``fault`` says why the last answer could not be saved. Text typed while the screen is open is
    kept in ``typed_ahead`` for the composer.
    """

    DEFAULT_CSS = """
    TrustScreen {
        align: center middle;
        background: $background;
        & > #sheet {
            width: 92;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 3;
        }
        #sheet Static { width: 1fr; height: auto; }
        #where, #about, #hint { color: $foreground 70%; }
        #where { text-wrap: nowrap; text-overflow: ellipsis; }
        PreviewView { margin: 1 0; scrollbar-background: $background; }
        #hint { margin: 1 0 0 1; }
        &.-short, &.-tiny {
            & > #sheet { padding: 0 1; }
            #about, #where { display: none; }
            PreviewView, #hint { margin: 0; }
        }
        &.-tiny {
            #title, #fault, #hint { display: none; }
        }
    }
    """

    AUTO_FOCUS = "#without"
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (18, "-tall")]  # noqa: RUF012 - as Textual types it

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "go_on", "Go on without", show=False),
    ]

    def __init__(
        self,
        question: TrustQuestion,
        lines: Sequence[TrustLine],
        *,
        clock: Callable[[], float],
        guard: TypeAheadGuard | None = None,
        fault: str = "",
    ) -> None:
        is_change = question.before is not None
        text = "\n".join(_row(line, is_change=is_change) for line in lines)
        super().__init__(PreviewView(TextDisplay(text), id="list"), clock=clock, guard=guard)
        self._question = question
        self._fault = fault
        # An Enter after text means to send that text, not to choose.
        self._is_writing = False
        self._trust = Choice(
            "Trust these settings", "read to the end first", label_width=_LABEL_WIDTH, id="trust"
        )
        self._without = Choice("Go on without them", "esc", label_width=_LABEL_WIDTH, id="without")

    @property
    def typed_ahead(self) -> str:
        """See ConsentDialog; an Enter before any text breaks no line."""
        return super().typed_ahead.lstrip("\n")

    def compose(self) -> ComposeResult:
        question = self._question
        self._trust.disabled = True
        with DialogBody(id="sheet"):
            title = "Do you trust what this project's files ask for?"
            yield Static(Content.assemble(("! ", ATTENTION), (title, EMPHASIS)), id="title")
            yield Static(Content(clean_line(str(question.workspace))), id="where")
            yield Static(Content(clean_text(self._about())), id="about")
            if self._fault:
                yield Static(Content.styled(clean_text(self._fault), BAD), id="fault")
            yield self.preview
            with ChoiceGroup():
                yield self._trust
                yield self._without
                yield Choice("Quit", label_width=_LABEL_WIDTH, id="quit")
            yield self.hint

    def _about(self) -> str:
        before = self._question.before
        if before is None:
            return "Until you answer, nothing is connected or started."
        return f"This is not what you approved on {before.approved_on}. None of it is in force yet."

    def on_mount(self) -> None:
        self.set_interval(GUARD_CHECK_S, self.show_hint)

    def fit_content(self) -> None:
        fill_remaining_height(self.preview, self.size.height)
        self.preview.finalize_height()

    # Keys

    def on_key(self, event: events.Key) -> None:
        if not self.may_act(event) or (event.key == "enter" and self._is_writing):
            self.hold(event)
        elif event.key in _FOCUS_KEYS:
            self._is_writing = False

    def typing_continued(self) -> None:
        self._is_writing = True
        self.set_focus(self._without, scroll_visible=False)

    def hint_text(self) -> str:
        if not self.guard.is_open(self.clock()):
            return HELD
        if not self.preview.end_was_seen:
            return "↑ ↓ then enter · pgdn to the end to be able to trust"
        return "↑ ↓ then enter · esc go on without them"

    # Answer

    @on(PreviewView.EndSeen)
    def _enable_trust(self) -> None:
        self._trust.detail = "what is listed here; any change asks again"
        self._trust.disabled = False
        self.show_hint()

    @on(Choice.Chosen)
    def _choose(self, event: Choice.Chosen) -> None:
        event.stop()
        match event.choice.id:
            case "trust":
                if event.clicked_at is None or self.click_counts(event.clicked_at):
                    self.answer(TrustAnswer.TRUST)
            case "without":
                self.answer(TrustAnswer.WITHOUT)
            case _:
                self.answer(TrustAnswer.QUIT)

    def action_go_on(self) -> None:
        self.answer(TrustAnswer.WITHOUT)


def _row(line: TrustLine, *, is_change: bool) -> str:
    mark = f"{_MARKS[line.change]}: " if is_change else "• "
    place = f" ({line.place})" if line.place else ""
    before = f"; approved was: {line.before}" if line.change == "changed" else ""
    return f"{mark}{line.text}{place}{before}".replace("\n", "⏎")
