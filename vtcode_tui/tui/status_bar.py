"""The one line that says what goes on: state with its seconds, model, tokens, place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED

_LONGEST_NAME = 60
_SEPARATOR = " · "
_GAP = 3
_SHORTEST_NAME = 10


READY = "ready"
WAITING_FOR_APPROVAL = "waiting for approval"

_READY_MARK = ("○", "")
_BUSY_MARK = ("●", "$text-primary")
_APPROVAL_MARK = ("◆", "$text-warning")


@dataclass(frozen=True, slots=True)
class Status:
    """``state`` is a few words, such as ``thinking``; ``state_since`` the reading of the bar's
    clock when it began, in seconds, or None where no seconds are counted, as when it is ready.

    ``notes`` are a word or two each, such as ``tools as text`` or ``2 queued``.
    """

    model: str = ""
    effort: str = ""
    state: str = READY
    state_since: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_per_second: float | None = None
    context_tokens: int | None = None
    context_window: int | None = None
    context_is_exact: bool = True
    workspace: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing the bar can say; the highest ``rank`` goes first where there is no room."""

    content: Content
    rank: int
    is_left: bool = True
    is_cuttable: bool = False


class StatusBar(Widget):
    """Shows ``status``. ``clock`` is the monotonic clock, in seconds, of ``state_since``."""

    DEFAULT_CSS = """
    StatusBar {
        width: 1fr;
        height: 1;
        padding: 0 1;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    status: reactive[Status] = reactive(Status())

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        id: str | None = None,  # noqa: A002 - Textual's own name for it
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._ticking: Timer | None = None

    def on_mount(self) -> None:
        self._tick_while_busy()

    def show(self, status: Status) -> None:
        """Paints ``status`` without a new layout."""
        self.status = status

    def watch_status(self, before: Status, now: Status) -> None:
        if before.state_since != now.state_since:
            self._tick_while_busy()

    def _tick_while_busy(self) -> None:
        """No timer runs while nothing moves."""
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        if self.status.state_since is not None and self.is_attached:
            self._ticking = self.set_interval(1.0, self.refresh)

    @property
    def is_ticking(self) -> bool:
        """True while the seconds of a state are counted on the screen."""
        return self._ticking is not None

    def render(self) -> RenderResult:
        since = self.status.state_since
        seconds = 0 if since is None else max(0, int(self._clock() - since))
        return status_line(self.status, seconds, self.content_size.width)


def status_line(status: Status, seconds: int, width: int) -> Content:
    """``status`` in at most ``width`` cells; what matters less is left out first."""
    parts = _parts(status, seconds)
    while len(parts) > 1 and _width(parts) > width:
        last = max(parts, key=lambda part: part.rank)
        excess = _width(parts) - width
        room = last.content.cell_length - excess
        if last.is_cuttable and room >= _SHORTEST_NAME:
            shorter = last.content.truncate(room, ellipsis=True)
            parts[parts.index(last)] = replace(last, content=shorter)
        else:
            parts.remove(last)
    left = _joined([part for part in parts if part.is_left])
    right = _joined([part for part in parts if not part.is_left])
    if not right:
        return left.truncate(width, ellipsis=True)
    return left + Content(" " * (width - left.cell_length - right.cell_length)) + right


def _parts(status: Status, seconds: int) -> list[_Part]:
    state = clean_line(status.state, 40) + (f" {_duration(seconds)}" if seconds else "")
    parts = [_Part(Content.assemble(_mark(status), " ", state), 0)]
    if status.model:
        model = Content.styled(clean_line(status.model, _LONGEST_NAME), EMPHASIS)
        parts.append(_Part(model, 1, is_cuttable=True))
    if status.effort:
        parts.append(_Part(Content(f"effort {clean_line(status.effort, 12)}"), 3))
    parts += [_Part(Content(clean_line(note, 40)), 2) for note in status.notes]
    facts: list[str] = []
    if status.tokens_in is not None or status.tokens_out is not None:
        facts.append(f"{_count(status.tokens_in or 0)} in, {_count(status.tokens_out or 0)} out")
    if status.tokens_per_second is not None:
        rate = status.tokens_per_second
        facts.append(f"{rate:.{0 if rate >= 10 else 1}f} tok/s")
    if status.context_tokens is not None and status.context_window:
        about = "" if status.context_is_exact else "~"
        used = f"{about}{_count(status.context_tokens)} of {status.context_window / 1024:,.0f}k"
        parts.append(_Part(Content.styled(used, _fullness_style(status)), 3, is_left=False))
    if status.workspace:
        facts.append(clean_line(status.workspace, _LONGEST_NAME))
    for rank, fact in enumerate(facts, 4):
        parts.append(_Part(Content.styled(fact, MUTED), rank, is_left=False))
    return parts


def _mark(status: Status) -> tuple[str, str]:
    if status.state == WAITING_FOR_APPROVAL:
        return _APPROVAL_MARK
    return _READY_MARK if status.state_since is None else _BUSY_MARK


def _fullness_style(status: Status) -> str:
    """The context window's meter warns before the window is full."""
    is_nearly_full = (status.context_tokens or 0) > 0.75 * (status.context_window or 1)
    return "$text-warning" if is_nearly_full else MUTED


def _joined(parts: Sequence[_Part]) -> Content:
    separator = Content.styled(_SEPARATOR, MUTED)
    return separator.join([part.content for part in parts])


def _width(parts: Sequence[_Part]) -> int:
    left = _joined([part for part in parts if part.is_left]).cell_length
    right = _joined([part for part in parts if not part.is_left]).cell_length
    return left + right + (_GAP if right else 0)


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min {seconds % 60:02} s"


def _count(tokens: int) -> str:
    if tokens < 1_000:
        return str(tokens)
    if tokens < 10_000:
        return f"{tokens / 1_000:.1f}k"
    return f"{tokens / 1_000:,.0f}k"
