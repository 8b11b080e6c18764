"""A session of 2,000 turns and 5 MB on the disk, as the app itself would have written it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.benchmarks.answers import answer
from vtcode_tui.conversation.events import (
    Event,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import AssistantMessage, UserMessage
from vtcode_tui.session.journal import Journal
from vtcode_tui.session.recorder import SessionRecorder
from vtcode_tui.session.settings import SessionSettings
from vtcode_tui.session.store import SessionStore

TURNS = 2_000
SESSION_ID = "5eed5eed"
LAST_WORDS = "That was the last of them: Ⱞ"
MODEL = "qwen3:1.7b"
_TOKENS = 600
_THOUGHT = "I look at what was asked, and at what I said before. " * 4


def write_long_session(state_dir: Path, workspace: Path) -> Path:
    """Write it; the file's path. What the model would be sent of it is short, as after a compaction."""
    store = SessionStore(state_dir, workspace)
    path = store.directory / f"20260101-120000-{SESSION_ID}.jsonl"
    journal = Journal(path, now=time.time, on_fault=_refuse)
    recorder = SessionRecorder(journal, {"app": "0", "workspace": str(workspace)})
    recorder.record_settings(SessionSettings(MODEL, None, 40_960))
    text = "".join(answer("mixed", _TOKENS))
    for number in range(1, TURNS + 1):
        for event in _turn(number, text if number < TURNS else LAST_WORDS):
            recorder.record(event)
    recorder.record_history((UserMessage("What was said before, in short."),))
    recorder.close()
    os.utime(path)
    return path


def _turn(number: int, text: str) -> list[Event]:
    return [
        TurnStarted(number, f"Question {number}: how does it go on?"),
        StepStarted(1, MODEL),
        ReasoningDelta(_THOUGHT),
        TextDelta(text),
        StepFinished(AssistantMessage(text, _THOUGHT), MODEL),
        TurnFinished(TurnEnd.DONE, 1.0),
    ]


def _refuse(fault: str) -> None:
    raise RuntimeError(fault)
