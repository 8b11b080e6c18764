"""The one line that says what goes on: state with its seconds, model, tokens, place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from vtcode_tui.transcript.clean import clean_line

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
    workspace: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing the bar can say; the highest ``rank`` goes first where there is no room."""

    text: str
    rank: int
    is_left: bool
    style: str = ""
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
        if last.is_cuttable and cell_len(last.text) - excess >= _SHORTEST_NAME:
            parts[parts.index(last)] = replace(last, text=_cut(last.text, excess))
        else:
            parts.remove(last)
    left = _joined([part for part in parts if part.is_left])
    right = _joined([part for part in parts if not part.is_left])
    if not right:
        return left.truncate(width, ellipsis=True)
    return left + Content(" " * (width - left.cell_length - right.cell_length)) + right


def _parts(status: Status, seconds: int) -> list[_Part]:
    mark, mark_style = _mark(status)
    state = clean_line(status.state, 40)
    if seconds:
        state = f"{state} {_duration(seconds)}"
    parts = [_Part(f"{mark} {state}", 0, True, mark_style)]
    if status.model:
        parts.append(_Part(clean_line(status.model, _LONGEST_NAME), 1, True, "bold", True))
    if status.effort:
        parts.append(_Part(f"effort {clean_line(status.effort, 12)}", 3, True))
    parts += [_Part(clean_line(note, 40), 2, True, "$text-warning") for note in status.notes]
    if status.tokens_in is not None or status.tokens_out is not None:
        counts = f"{_count(status.tokens_in or 0)} in, {_count(status.tokens_out or 0)} out"
        parts.append(_Part(counts, 4, False, "$foreground-muted"))
    if status.tokens_per_second is not None:
        rate = f"{status.tokens_per_second:.{0 if status.tokens_per_second >= 10 else 1}f} tok/s"
        parts.append(_Part(rate, 5, False, "$foreground-muted"))
    if status.workspace:
        parts.append(
            _Part(clean_line(status.workspace, _LONGEST_NAME), 6, False, "$foreground-muted")
        )
    return parts


def _mark(status: Status) -> tuple[str, str]:
    if status.state == WAITING_FOR_APPROVAL:
        return _APPROVAL_MARK
    return _READY_MARK if status.state_since is None else _BUSY_MARK


def _cut(text: str, excess: int) -> str:
    """``text`` without ``excess`` cells at its end, which a ``…`` stands for."""
    return Content(text).truncate(cell_len(text) - excess, ellipsis=True).plain


def _joined(parts: Sequence[_Part]) -> Content:
    pieces: list[Content | tuple[str, str]] = []
    for part in parts:
        if pieces:
            pieces.append((_SEPARATOR, "$foreground-muted"))
        pieces.append((part.text, part.style))
    return Content.assemble(*pieces)


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
