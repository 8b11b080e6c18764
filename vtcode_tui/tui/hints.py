"""Hints of useful keys: on an empty page, in an empty prompt, and at the bottom of the chat."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.actions import Action, Place, key_words
from vtcode_tui.tui.rendering.tones import MUTED

PLACEHOLDERS = (
    "Ask for something, or type / for commands, @ for files, ! to run a command",
    "Ask, or type / for commands, @ for files",
    "Ask, or / commands, @ files",
)
"""Placeholders of the empty prompt; the longest that fits is shown."""
BREAKPOINTS = [(0, "-low"), (18, "-high")]
"""``VERTICAL_BREAKPOINTS`` of screens with a hint line, which ``-low`` has no room for."""
_GAP = "   "
TOLD_S = 8.0
_LONGEST = 300


def placeholder_for(room: int) -> str:
    """The longest placeholder that fits into ``room`` cells."""
    return next((words for words in PLACEHOLDERS if len(words) <= room), "")


def first_hints(actions: Sequence[Action]) -> tuple[str, ...]:
    """The hints on an empty page."""
    keys = {action.name: key_words(action.keys[0]) for action in actions if action.keys}
    how = (
        f"/ lists the commands · {keys['show_help']} helps · {keys['pick_model']} picks the model"
        f" · {keys['leave']} leaves"
    )
    return (
        "Ask about the code in this folder, or for a change to it.",
        "Writing and running ask first, unless your settings allow it.",
        how,
    )


def hints_of(
    actions: Sequence[Action], place: Place, *, is_busy: bool
) -> tuple[tuple[str, str], ...]:
    """Keys with a word each for the focused ``place``, most useful first."""
    shown = [
        action
        for action in actions
        if action.hint
        and action.keys
        and action.place in (place, "chat", "app")
        and (is_busy or action.name != "interrupt")
    ]
    # Interrupting comes first, then the actions of the focused place.
    shown.sort(key=lambda action: (action.name != "interrupt", action.place != place))
    return tuple((key_words(action.keys[0]), action.hint) for action in shown)


class HintLine(Widget):
    """One line of keys; a message replaces it for a while."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    HintLine {
        width: 1fr;
        height: 1;
        padding: 0 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-telling { height: auto; max-height: 5; text-wrap: wrap; }
    }
    """

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = tuple(actions)
        self._place: Place = "composer"
        self._is_busy = False
        self._told = ""
        self._timer: Timer | None = None

    def show(
        self,
        *,
        actions: Sequence[Action] | None = None,
        place: Place | None = None,
        is_busy: bool | None = None,
    ) -> None:
        """Update what is not None."""
        before = (self._actions, self._place, self._is_busy)
        self._actions = self._actions if actions is None else tuple(actions)
        self._place = place or self._place
        self._is_busy = self._is_busy if is_busy is None else is_busy
        if before != (self._actions, self._place, self._is_busy):
            self.refresh()

    def tell(self, text: str, for_s: float = TOLD_S) -> None:
        """Show ``text`` for some seconds; an empty text ends it."""
        self._told = clean_line(text, _LONGEST)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(for_s, self._forget) if self._told else None
        self.set_class(bool(self._told), "-telling")
        self.refresh(layout=True)

    def _forget(self) -> None:
        self.tell("")

    def render(self) -> RenderResult:
        width = max(1, self.content_size.width)
        if self._told:
            return Content(self._told)
        hints = [
            Content.assemble(keys, (f" {word}", MUTED))
            for keys, word in hints_of(self._actions, self._place, is_busy=self._is_busy)
        ]
        # The last hint, which leads to all keys, is never dropped.
        while len(hints) > 1 and _width(hints) > width:
            del hints[-2]
        return Content(_GAP).join(hints)


def _width(hints: Sequence[Content]) -> int:
    return sum(hint.cell_length + len(_GAP) for hint in hints) - len(_GAP)
