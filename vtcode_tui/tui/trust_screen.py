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
from textual.message import Message
from textual.widgets import Static

from vtcode_tui.config.trust import TrustQuestion
from vtcode_tui.config.trust_words import TrustLine
from vtcode_tui.conversation.results import TextDisplay
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import Dialog, DialogBody, fill_remaining_height
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.rendering.tones import ATTENTION, BAD, EMPHASIS
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

CLICK_DELAY_S = 0.6
"""A click on the approval counts only if it has been visible for this long."""

_HELD = "keys are held until you pause"
_LABEL_WIDTH = len("Trust these settings")
_GUARD_CHECK_S = 0.1
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


class TrustScreen(Dialog[TrustAnswer]):
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
        Binding("pageup", "scroll_list(-1)", "Page up", show=False),
        Binding("pagedown", "scroll_list(1)", "Page down", show=False),
        Binding("ctrl+home,home", "scroll_list(-1000000)", "Top", show=False),
        Binding("ctrl+end,end", "scroll_list(1000000)", "End", show=False),
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
        super().__init__()
        self._question = question
        self._clock = clock
        self._guard = TypeAheadGuard() if guard is None else guard
        self._fault = fault
        self._typed: list[str] = []
        # An Enter after text means to send that text, not to choose.
        self._is_writing = False
        self._visible_since: float | None = None
        self._is_answered = False
        is_change = question.before is not None
        text = "\n".join(_row(line, is_change=is_change) for line in lines)
        self._list = PreviewView(TextDisplay(text), id="list")
        self._trust = Choice(
            "Trust these settings", "read to the end first", label_width=_LABEL_WIDTH, id="trust"
        )
        self._without = Choice("Go on without them", "esc", label_width=_LABEL_WIDTH, id="without")
        self._hint = Static(Content(_HELD), id="hint")

    @property
    def typed_ahead(self) -> str:
        """Text that was typed or pasted while the screen was open, for the composer."""
        return "".join(self._typed).rstrip("\n")

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
            yield self._list
            with ChoiceGroup():
                yield self._trust
                yield self._without
                yield Choice("Quit", label_width=_LABEL_WIDTH, id="quit")
            yield self._hint

    def _about(self) -> str:
        before = self._question.before
        if before is None:
            return "Until you answer, nothing is connected to and nothing is started."
        return f"This is not what you approved on {before.approved_on}. Nothing of it holds yet."

    def on_mount(self) -> None:
        self.set_interval(_GUARD_CHECK_S, self._show_hint)
        self.call_after_refresh(self._became_visible)

    def _became_visible(self) -> None:
        now = self._clock()
        self._guard.appeared(now)
        self._visible_since = now

    def on_resize(self) -> None:
        """Restart the click delay: buttons may have moved under the mouse."""
        if self._visible_since is not None:
            self._visible_since = self._clock()
            self.call_after_refresh(self.fit_content)

    def fit_content(self) -> None:
        fill_remaining_height(self._list, self.size.height)
        self._list.finalize_height()

    # Keys

    def on_key(self, event: events.Key) -> None:
        is_text = event.is_printable or event.key == "backspace"
        may_act = self._guard.key_came(self._clock() - _age(event.time), is_text=is_text)
        if may_act and not (event.key == "enter" and self._is_writing):
            if event.key in _FOCUS_KEYS:
                self._is_writing = False
            return
        event.stop()
        event.prevent_default()
        self._keep_typed(event)
        if is_text:
            self._is_writing = True
            self.set_focus(self._without, scroll_visible=False)
        self._show_hint()

    def on_paste(self, event: events.Paste) -> None:
        """Keep a paste for the composer; it is never an answer."""
        event.stop()
        self._typed.append(event.text)
        self._is_writing = True
        self._guard.key_came(self._clock(), is_text=True)
        self.set_focus(self._without, scroll_visible=False)

    def _keep_typed(self, event: events.Key) -> None:
        if event.key == "backspace":
            if self._typed:
                self._typed.pop()
        elif event.key == "enter":
            if self._typed:
                self._typed.append("\n")
        elif event.is_printable and event.character is not None:
            self._typed.append(event.character)

    def _show_hint(self) -> None:
        kept = len(self.typed_ahead)
        kept_words = f" · {kept} typed characters are kept for your prompt" if kept else ""
        self._hint.update(Content(self._hint_text() + kept_words), layout=False)

    def _hint_text(self) -> str:
        if not self._guard.is_open(self._clock()):
            return _HELD
        if not self._list.end_was_seen:
            return "↑ ↓ then enter · pgdn to the end to be able to trust"
        return "↑ ↓ then enter · esc go on without them"

    # Answer

    @on(PreviewView.EndSeen)
    def _enable_trust(self) -> None:
        self._trust.detail = "what is listed here; any change asks again"
        self._trust.disabled = False
        self._show_hint()

    def action_scroll_list(self, pages: int) -> None:
        step = max(1, self._list.size.height - 1)
        self._list.scroll_relative(y=pages * step, animate=False)

    @on(Choice.Chosen)
    def _choose(self, event: Choice.Chosen) -> None:
        event.stop()
        match event.choice.id:
            case "trust":
                if event.clicked_at is None or self._click_counts(event.clicked_at):
                    self._answer(TrustAnswer.TRUST)
            case "without":
                self._answer(TrustAnswer.WITHOUT)
            case _:
                self._answer(TrustAnswer.QUIT)

    def _click_counts(self, clicked_at: float) -> bool:
        since = self._visible_since
        return since is not None and self._clock() - _age(clicked_at) - since >= CLICK_DELAY_S

    def action_go_on(self) -> None:
        self._answer(TrustAnswer.WITHOUT)

    def _answer(self, answer: TrustAnswer) -> None:
        if self._is_answered or not self.is_active:
            return
        self._is_answered = True
        self.dismiss(answer)


def _row(line: TrustLine, *, is_change: bool) -> str:
    mark = f"{_MARKS[line.change]}: " if is_change else "• "
    place = f" ({line.place})" if line.place else ""
    before = f"; approved was: {line.before}" if line.change == "changed" else ""
    return f"{mark}{line.text}{place}{before}".replace("\n", "⏎")


def _age(message_time: float) -> float:
    """Seconds since a message was created: a busy event loop delivers late."""
    return max(0.0, Message().time - message_time)
