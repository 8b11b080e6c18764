"""The summaries in a list of sessions, read from the ends of their files. Blocks briefly per file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from vtcode_tui.session.history import first_words
from vtcode_tui.session.records import Record, scan

_HEAD_BYTES = 8_192
_TAIL_BYTES = 16_384
_MOST_TAIL_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """``title`` is the user's name for the session, or empty; texts are as untrusted as prompts.

    ``changed_s`` is seconds since the epoch. ``turns`` counts prompts.
    """

    session_id: str
    path: Path
    workspace: str
    title: str
    first_words: str
    model: str
    turns: int
    changed_s: float
    size_bytes: int

    @property
    def name(self) -> str:
        return self.title or self.first_words or "(no words)"


def summarise(path: Path) -> SessionSummary | None:
    """The summary of a session file; None if it has no prompt. Raises OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        changed_s = os.fstat(file.fileno()).st_mtime
        head = file.read(_HEAD_BYTES)
        length = _TAIL_BYTES
        while True:
            start = max(0, size - length)
            file.seek(start)
            tail = file.read(length)
            at_start = start == 0
            whole = tail if at_start else tail[tail.find(b"\n") + 1 :]
            records = scan(whole).records
            if at_start or length >= _MOST_TAIL_BYTES or _has_summary(records):
                break
            length *= 8
    first = () if at_start else scan(head[: head.rfind(b"\n") + 1]).records
    empty = SessionSummary(session_id_of(path), path, "", "", "", "", 0, changed_s, size)
    found = _gathered(empty, (*first, *records))
    return found if found.turns else None


def session_id_of(path: Path) -> str:
    return path.stem.rpartition("-")[2]


def newest_first(paths: Iterable[Path]) -> tuple[SessionSummary, ...]:
    """The summaries of the files, most recently changed first; unreadable ones are left out."""
    found: list[SessionSummary] = []
    for path in paths:
        try:
            summary = summarise(path)
        except OSError:
            continue
        if summary is not None:
            found.append(summary)
    return tuple(sorted(found, key=lambda each: (-each.changed_s, each.session_id)))


def _has_summary(records: Iterable[Record]) -> bool:
    return any(record.type == "summary" for record in records)


def _gathered(summary: SessionSummary, records: Iterable[Record]) -> SessionSummary:
    """The facts in the records; later records override earlier ones."""
    for record in records:
        fields = record.fields
        texts = {
            name: value
            for name in ("workspace", "title", "first_words", "model")
            if isinstance(value := fields.get(name), str)
        }
        match record.type:
            case "session" | "resumed":
                summary = replace(summary, workspace=texts.get("workspace", summary.workspace))
            case "title":
                summary = replace(summary, title=texts.get("title", ""))
            case "settings":
                summary = replace(summary, model=texts.get("model", summary.model))
            case "turn_started":
                turns, prompt = fields.get("turn"), fields.get("prompt")
                words = first_words(prompt) if isinstance(prompt, str) else ""
                summary = replace(
                    summary,
                    turns=turns if isinstance(turns, int) else summary.turns + 1,
                    first_words=summary.first_words or words,
                )
            case "summary":
                turns = fields.get("turns")
                summary = replace(
                    summary,
                    turns=turns if isinstance(turns, int) else summary.turns,
                    title=texts.get("title", summary.title),
                    first_words=texts.get("first_words", summary.first_words),
                    model=texts.get("model", summary.model),
                )
            case _:
                pass
    return summary
