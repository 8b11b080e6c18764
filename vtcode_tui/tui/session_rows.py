"""The rows of the list of sessions: search and layout. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from textual.content import Content

from vtcode_tui.conversation.wording import counted
from vtcode_tui.session.listing import SessionSummary
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.fuzzy import match_word
from vtcode_tui.tui.rendering.tones import GOOD, MUTED

_LONGEST_NAME = 200
_SEARCHED = 300
_MIN_SCATTERED_SCORE = 0.12
_MODEL_WIDTH = 18
_TURNS_WIDTH = 10
_WHEN_WIDTH = 12
_NARROWEST_NAME = 24


@dataclass(frozen=True, slots=True)
class RowFrame:
    """Parameters of drawing: ``width`` in cells, the time ``now``, and the ``current`` session to
    mark."""

    width: int
    now: datetime.datetime
    current: str = ""


def search(rows: Iterable[SessionSummary], query: str) -> list[SessionSummary]:
    """The sessions that match every word of ``query``, best first."""
    words = query.lower().split()
    scored = [(_score(row, words), row) for row in rows]
    found = [(score, row) for score, row in scored if score is not None]
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])]


def _score(row: SessionSummary, words: Iterable[str]) -> float | None:
    """Higher is better; None if a word is missing. Widely scattered letters do not match."""
    fields = (row.title, row.first_words, row.model, row.session_id)
    text = " ".join(filter(None, fields))[:_SEARCHED].lower()
    total = 0.0
    for word in words:
        match = match_word(word, text)
        if match is None or match[0] < _MIN_SCATTERED_SCORE:
            return None
        total += match[0]
    return total


def row_content(row: SessionSummary, frame: RowFrame) -> Content:
    """One line: title or first words, then model, turns and time, as far as they fit."""
    facts = [
        (clean_line(row.model, _MODEL_WIDTH), _MODEL_WIDTH),
        (counted(row.turns, "turn"), _TURNS_WIDTH),
        (when(row.changed_s, frame.now), _WHEN_WIDTH),
    ]
    while len(facts) > 1 and frame.width - sum(size + 2 for _, size in facts) < _NARROWEST_NAME:
        facts.pop(0)
    room = max(4, frame.width - sum(size + 2 for _, size in facts) - 2)
    name = Content(clean_line(row.name, _LONGEST_NAME)).truncate(room, ellipsis=True, pad=True)
    mark = "● " if row.session_id == frame.current else "  "
    columns = [("  " + text.rjust(size), MUTED) for text, size in facts]
    return Content.assemble((mark, GOOD), name, *columns)


def when(then_s: float, now: datetime.datetime) -> str:
    """The time that has passed in words, or the date."""
    seconds = now.timestamp() - then_s
    if 0 <= seconds < 60:
        return "just now"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if 0 <= seconds < 24 * 3600:
        return f"{int(seconds // 3600)} h ago"
    return f"{datetime.datetime.fromtimestamp(then_s, now.tzinfo):%Y-%m-%d}"
