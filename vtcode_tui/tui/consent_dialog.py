"""Base class of dialogs whose answer has consequences, with guards against accidental answers.

Keys that were typed ahead are kept for the composer and decide nothing, a click counts only on what
has been visible for a moment, and the first answer is final.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ScreenResultType
from textual.widgets import Static

from vtcode_tui.tui.dialog import Dialog
from vtcode_tui.tui.preview_view import PreviewView
from vtcode_tui.tui.type_ahead_guard import TypeAheadGuard

CLICK_DELAY_S = 0.6
"""A click counts only on a button that has been visible for this long."""
GUARD_CHECK_S = 0.1
HELD = "keys are held until you pause"
"""The hint while the guard is closed."""


class ConsentDialog(Dialog[ScreenResultType]):
    """Shows ``preview``, with the line of keys in ``hint``. ``clock`` gives monotonic seconds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "scroll_preview(-1)", "Page up", show=False),
        Binding("pagedown", "scroll_preview(1)", "Page down", show=False),
        Binding("ctrl+home,home", "scroll_preview(-1000000)", "Top", show=False),
        Binding("ctrl+end,end", "scroll_preview(1000000)", "End", show=False),
    ]

    def __init__(
        self, preview: PreviewView, *, clock: Callable[[], float], guard: TypeAheadGuard | None
    ) -> None:
        super().__init__()
        self.preview = preview
        self.hint = Static(Content(HELD), id="hint")
        self.clock = clock
        self.guard = TypeAheadGuard() if guard is None else guard
        self._typed: list[str] = []
        self._visible_since: float | None = None
        self._is_answered = False

    @property
    def typed_ahead(self) -> str:
        """Text that was typed or pasted into the dialog, for the composer."""
        return "".join(self._typed).rstrip("\n")

    @property
    def has_typed(self) -> bool:
        """Whether any key or paste was kept."""
        return bool(self._typed)

    @abstractmethod
    def hint_text(self) -> str:
        """The line of keys, without the count of kept characters."""

    @abstractmethod
    def typing_continued(self) -> None:
        """Move the focus to the choice that changes nothing, after text was typed or pasted."""

    def on_mount(self) -> None:
        self.call_after_refresh(self._became_visible)

    def _became_visible(self) -> None:
        now = self.clock()
        self.guard.appeared(now)
        self._visible_since = now

    def on_resize(self) -> None:
        """Restart the click delay: buttons may have moved under the mouse."""
        if self._visible_since is not None:
            self._visible_since = self.clock()
            self.call_after_refresh(self.fit_content)

    def on_paste(self, event: events.Paste) -> None:
        """Keep a paste for the composer; it is never an answer."""
        event.stop()
        self._typed.append(event.text)
        self.guard.key_came(self.clock(), is_text=True)
        self.typing_continued()
        self.show_hint()

    def may_act(self, event: events.Key) -> bool:
        """Whether the guard lets a key act. Call exactly once for each key."""
        return self.guard.key_came(self.pressed_at(event), is_text=_is_text(event))

    def pressed_at(self, event: events.Key) -> float:
        """When a key was pressed, on the dialog's clock."""
        return self.clock() - _age(event.time)

    def hold(self, event: events.Key) -> None:
        """Keep a key from acting, and its text for the composer."""
        event.stop()
        event.prevent_default()
        self.keep_typed(event)
        if _is_text(event):
            self.typing_continued()
        self.show_hint()

    def keep_typed(self, event: events.Key) -> None:
        if event.key == "backspace":
            if self._typed:
                self._typed.pop()
        elif event.key in ("enter", "ctrl+j", "shift+enter"):
            self._typed.append("\n")
        elif event.is_printable and event.character is not None:
            self._typed.append(event.character)

    def show_hint(self) -> None:
        kept = len(self.typed_ahead)
        kept_words = f" · {kept} typed characters are kept for your prompt" if kept else ""
        self.hint.update(Content(self.hint_text() + kept_words), layout=False)

    def click_counts(self, clicked_at: float) -> bool:
        """Whether a click counts; ``clicked_at`` is its time on the clock of Textual's messages."""
        since = self._visible_since
        return since is not None and self.clock() - _age(clicked_at) - since >= CLICK_DELAY_S

    def action_scroll_preview(self, pages: int) -> None:
        step = max(1, self.preview.size.height - 1)
        self.preview.scroll_relative(y=pages * step, animate=False)

    def answer(self, answer: ScreenResultType) -> None:
        """Dismiss with the answer, once: later keys and clicks change nothing."""
        if self._is_answered or not self.is_active:
            return
        self._is_answered = True
        self.dismiss(answer)


def _is_text(event: events.Key) -> bool:
    """Whether a key writes or deletes text."""
    return event.is_printable or event.key == "backspace"


def _age(message_time: float) -> float:
    """Seconds since a message was created: a busy event loop delivers late."""
    return max(0.0, Message().time - message_time)
