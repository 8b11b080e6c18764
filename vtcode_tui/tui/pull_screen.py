"""Confirms a pull, shows its progress, and offers what to do if it fails.

Dismisses with the name that is now installed, or None.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from vtcode_tui.agent.pulls import PullOffer
from vtcode_tui.errors import ModelNotFound, VtcodeError
from vtcode_tui.ollama.pull_meter import PullMeter, PullState, progress_words
from vtcode_tui.ollama.types import PullProgress
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.choice import Choice, ChoiceGroup
from vtcode_tui.tui.dialog import DialogBody
from vtcode_tui.tui.rendering.tones import ATTENTION, BAD, TITLE
from vtcode_tui.tui.sheet import Sheet

_PAINT_S = 0.25
_LABEL_WIDTH = 10
_LONGEST_NAME = 60
_CONFIRM_HINT = "the pull can be stopped and continued later"
_RUNNING_HINT = "esc stop · the download is kept, and a later pull continues it"

Pull = Callable[[str], AsyncGenerator[PullProgress, None]]


class PullScreen(Sheet[str | None]):
    """``pull`` starts a pull of a name; ``clock`` gives monotonic seconds.

    After a pull that was stopped, ``stopped_at`` says how far it got.
    """

    DEFAULT_CSS = """
    PullScreen {
        & > #sheet { max-width: 76; }
        #facts, #hint { height: auto; text-wrap: wrap; }
        #bar { color: $primary; margin: 1 0 0 0; }
        #status { color: $foreground 70%; }
        ChoiceGroup, #hint { margin: 1 0 0 0; }
        #bar, #status { display: none; }
        &.-running { #bar, #status { display: block; } ChoiceGroup { display: none; } }
    }
    """
    AUTO_FOCUS = "#go"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Stop", show=False)]

    def __init__(self, offer: PullOffer, pull: Pull, clock: Callable[[], float]) -> None:
        super().__init__()
        self._offer = offer
        self._pulled_name = offer.name
        self._suggestion = ""
        self._pull = pull
        self._clock = clock
        self._meter = PullMeter()
        self._pulling: Worker[None] | None = None
        self._warned_of_disk = False
        self.stopped_at = ""

    def compose(self) -> ComposeResult:
        with DialogBody(id="sheet"):
            yield Static(Content.styled(f"Pull {self._shown_name}?", TITLE), id="title")
            words = clean_text(self._offer.words)
            yield Static(
                Content.styled(words, "" if self._offer.has_room else ATTENTION), id="facts"
            )
            yield Static(Content(), id="bar")
            yield Static(Content(), id="status")
            with ChoiceGroup():
                yield Choice("Pull it", "", label_width=_LABEL_WIDTH, id="go")
                yield Choice("Not now", "esc", label_width=_LABEL_WIDTH, id="leave")
            yield Static(Content(_CONFIRM_HINT), id="hint")

    def on_mount(self) -> None:
        self.set_interval(_PAINT_S, self._paint)
        if not self._offer.has_room:
            self.set_focus(self.query_one("#leave"), scroll_visible=False)

    @property
    def _shown_name(self) -> str:
        return clean_line(self._pulled_name, _LONGEST_NAME)

    # Pull

    def _start(self) -> None:
        self._meter = PullMeter()
        self._warned_of_disk = False
        self.add_class("-running")
        self._say("title", f"Pulling {self._shown_name}", TITLE)
        self._say("facts", self._offer.words if self._pulled_name == self._offer.name else "")
        self._say("hint", _RUNNING_HINT)
        self._paint()
        self._pulling = self.run_worker(self._run(), exclusive=True, exit_on_error=False)

    async def _run(self) -> None:
        try:
            async with aclosing(self._pull(self._pulled_name)) as lines:
                async for line in lines:
                    self._meter.take(line, self._clock())
        except VtcodeError as error:
            self._fail(error)
        else:
            self._finish(self._pulled_name)

    def _paint(self) -> None:
        if not self.has_class("-running"):
            return
        state = self._meter.state(self._clock())
        self._warn_if_disk_too_small(state)
        words = progress_words(state) or "asking the server…"
        self._say("status", clean_line(words, 200), layout=False)
        width = self.query_one("#bar").size.width
        self.query_one("#bar", Static).update(progress_bar(state, width), layout=False)

    def _warn_if_disk_too_small(self, state: PullState) -> None:
        """Warn if the download does not fit; its size may be known only after it started."""
        if self._warned_of_disk or state.total is None or state.completed is None:
            return
        missing = PullOffer(
            self._pulled_name, state.total - state.completed, self._offer.free_bytes
        )
        if not missing.has_room:
            self._warned_of_disk = True
            self._say("facts", f"still to come: {missing.words}", ATTENTION)

    def _fail(self, error: VtcodeError) -> None:
        if not self.is_attached:
            return
        self._pulling = None
        self.remove_class("-running")
        self._say("title", f"× {error.what}", BAD)
        self._say("facts", f"{error.why}\n{error.advice}".strip())
        self._suggestion = error.suggestion if isinstance(error, ModelNotFound) else ""
        go = self.query_one("#go", Choice)
        go.relabel(*self._next_step())
        self.query_one("#leave", Choice).relabel("Close", "esc")
        self._say("hint", "↑ ↓ then enter")
        self.set_focus(go, scroll_visible=False)
        # If the pull failed at once, the choices' hiding, which moves the focus, is handled later.
        self.call_after_refresh(self.set_focus, go, scroll_visible=False)

    def _next_step(self) -> tuple[str, str]:
        if self._suggestion:
            return "Pull that", clean_line(self._suggestion, _LONGEST_NAME)
        return "Try again", "goes on where it stopped"

    def _say(
        self,
        id: Literal["title", "facts", "status", "hint"],  # noqa: A002 - Textual's own name for it
        text: str,
        style: str = "",
        *,
        layout: bool = True,
    ) -> None:
        content = Content.styled(clean_text(text), style)
        self.query_one(f"#{id}", Static).update(content, layout=layout)

    # Result

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        if event.choice.id == "leave":
            self.action_leave()
            return
        self._pulled_name = self._suggestion or self._pulled_name
        self._start()

    def action_leave(self) -> None:
        if self._pulling is not None:
            self._pulling.cancel()
            self.stopped_at = progress_words(self._meter.state(self._clock()))
        self._finish(None)

    def _finish(self, name: str | None) -> None:
        if self.is_active:
            self.dismiss(name)


def progress_bar(state: PullState, width: int) -> Content:
    """A line of ``width`` cells with the completed share drawn heavy."""
    done = round((state.fraction or 0.0) * width)
    return Content.assemble(("━" * done, ""), ("─" * (width - done), "$foreground 30%"))
