"""The text of the status line, fitted to a width, and the actions of its clickable parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.content import Content

from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.rendering.tones import EMPHASIS, MUTED

READY = "ready"
WAITING_FOR_APPROVAL = "waiting for approval"

_LONGEST_NAME = 60
_LONGEST_BRANCH = 40
_SEPARATOR = " · "
_GAP = 3
_SHORTEST_NAME = 10
_LONG_NAME = 28

_READY_MARK = ("○", "")
_BUSY_MARK = ("●", "$text-primary")
_APPROVAL_MARK = ("◆", "$text-warning")
_MODE_WORDS = {
    "normal": ("normal", MUTED),
    "accept-edits": ("» accept edits", "$text-warning"),
    "plan": ("◇ plan", "$text-primary"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """A word or two, such as ``2 queued``, and the action that a click starts."""

    text: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The content of the status line; empty fields are not shown.

    ``state`` is a few words, such as ``thinking``; ``state_since`` is the bar's clock, in seconds,
    when it began, or None if no seconds are counted. ``place`` says where the model runs, ``tools``
    how it calls tools, ``branch`` what is checked out, ``trust`` whether the project is trusted,
    ``sandbox`` where commands run. Without ``sandbox_in_short``, ``sandbox`` is a warning, such as
    that there is none, and is dropped last. ``notes`` are things that the user should not miss.
    """

    model: str = ""
    place: str = ""
    effort: str = ""
    state: str = READY
    state_since: float | None = None
    mode: str = ""
    tools: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_per_second: float | None = None
    context_tokens: int | None = None
    context_window: int | None = None
    context_is_exact: bool = True
    branch: str = ""
    trust: str = ""
    sandbox: str = ""
    sandbox_in_short: str = ""
    workspace: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The cells from ``start`` to before ``end``, which start ``action`` when clicked."""

    start: int
    end: int
    action: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the line. If space is short, the part with the highest ``rank`` is dropped first;
    one with a ``short`` form is first replaced by that, at ``short_rank``."""

    content: Content
    rank: int
    action: str = ""
    is_left: bool = True
    is_cuttable: bool = False
    short: Content | None = None
    short_rank: int = 0

    @property
    def next_to_go(self) -> int:
        return self.rank if self.short is None else self.short_rank


def status_line(status: Status, seconds: int, width: int) -> Content:
    """``status`` in at most ``width`` cells; less important parts are dropped first. ``seconds``
    counts from the beginning of its state, or is negative and counts to its end."""
    return laid_out(status, seconds, width)[0]


def laid_out(status: Status, seconds: int, width: int) -> tuple[Content, tuple[Span, ...]]:
    """The line and its clickable spans."""
    parts = _fitting(parts_of(status, seconds), width)
    left = [part for part in parts if part.is_left]
    right = [part for part in parts if not part.is_left]
    line = _joined(left)
    spans = _spans(left, 0)
    if right:
        joined = _joined(right)
        start = width - joined.cell_length
        line += Content(" " * (start - line.cell_length)) + joined
        spans += _spans(right, start)
    return line.truncate(width, ellipsis=True), tuple(spans)


def parts_of(status: Status, seconds: int) -> list[Part]:
    """All parts, from left to right."""
    count = f"{'in ' if seconds < 0 else ''}{_duration(abs(seconds))}" if seconds else ""
    state = f"{clean_line(status.state, 40)} {count}".rstrip()
    is_busy = status.state_since is not None
    parts = [Part(Content.assemble(_mark(status), " ", state), 0, "interrupt" if is_busy else "")]
    if status.model:
        parts.append(_model(status.model))
    mode = _MODE_WORDS.get(status.mode)
    if mode is not None:
        is_usual = status.mode == "normal"
        parts.append(Part(Content.styled(*mode), 4 if is_usual else 1, "switch_mode"))
    parts += [Part(Content(clean_line(each.text, 40)), 4, each.action) for each in status.notes]
    for text, rank, action in (
        (status.place, 11 if status.place == "local" else 8, "choose_server"),
        (status.effort and f"effort {status.effort}", 10, "pick_effort"),
    ):
        if text:
            parts.append(Part(Content(clean_line(text, 40)), rank, action))
    if status.sandbox:
        parts.append(_sandbox(status))
    for text, rank, action in (
        (status.tools, 15, "show_tools"),
        (status.trust, 14, "show_config"),
    ):
        if text:
            parts.append(Part(Content(clean_line(text, 40)), rank, action))
    return parts + _facts(status)


def _model(name: str) -> Part:
    content = Content.styled(clean_line(name, _LONGEST_NAME), EMPHASIS)
    is_long = content.cell_length > _LONG_NAME
    short = content.truncate(_LONG_NAME, ellipsis=True) if is_long else None
    return Part(content, 3, "pick_model", is_cuttable=True, short=short, short_rank=7)


def _sandbox(status: Status) -> Part:
    content = Content(clean_line(status.sandbox, 40))
    if not status.sandbox_in_short:
        return Part(content, 2, "show_config")
    short = Content(status.sandbox_in_short)
    return Part(content, 6, "show_config", short=short, short_rank=12)


def _facts(status: Status) -> list[Part]:
    """The right side: counts and places."""
    facts: list[tuple[str, int, str, str]] = []
    if status.tokens_in is not None or status.tokens_out is not None:
        counts = f"{_count(status.tokens_in or 0)} in, {_count(status.tokens_out or 0)} out"
        facts.append((counts, 16, "show_timing", MUTED))
    if status.tokens_per_second is not None:
        from vtcode_tui.ollama.amounts import rate_words

        facts.append((rate_words(status.tokens_per_second), 9, "show_timing", MUTED))
    if status.context_tokens is not None and status.context_window:
        from vtcode_tui.ollama.amounts import tokens_words

        about = "" if status.context_is_exact else "~"
        used = f"{about}{_count(status.context_tokens)} of {tokens_words(status.context_window)}"
        facts.append((used, 5, "show_context", _fullness_style(status)))
    if status.branch:
        facts.append((clean_line(status.branch, _LONGEST_BRANCH), 13, "show_diff", MUTED))
    if status.workspace:
        facts.append((clean_line(status.workspace, _LONGEST_NAME), 17, "", MUTED))
    return [
        Part(Content.styled(text, style), rank, action, is_left=False)
        for text, rank, action, style in facts
    ]


def _fitting(parts: list[Part], width: int) -> list[Part]:
    parts = list(parts)
    while len(parts) > 1 and _width(parts) > width:
        last = max(parts, key=lambda part: part.next_to_go)
        room = last.content.cell_length - (_width(parts) - width)
        if last.short is not None:
            parts[parts.index(last)] = replace(last, content=last.short, short=None)
        elif last.is_cuttable and room >= _SHORTEST_NAME:
            shorter = last.content.truncate(room, ellipsis=True)
            parts[parts.index(last)] = replace(last, content=shorter)
        else:
            parts.remove(last)
    return parts


def _spans(parts: Sequence[Part], start: int) -> list[Span]:
    spans: list[Span] = []
    for part in parts:
        end = start + part.content.cell_length
        if part.action:
            spans.append(Span(start, end, part.action))
        start = end + len(_SEPARATOR)
    return spans


def _mark(status: Status) -> tuple[str, str]:
    if status.state == WAITING_FOR_APPROVAL:
        return _APPROVAL_MARK
    return _READY_MARK if status.state_since is None else _BUSY_MARK


def _fullness_style(status: Status) -> str:
    """The style of the context meter, which warns above 75 %."""
    is_nearly_full = (status.context_tokens or 0) > 0.75 * (status.context_window or 1)
    return "$text-warning" if is_nearly_full else MUTED


def _joined(parts: Sequence[Part]) -> Content:
    separator = Content.styled(_SEPARATOR, MUTED)
    return separator.join([part.content for part in parts])


def _width(parts: Sequence[Part]) -> int:
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
