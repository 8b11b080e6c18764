"""Fixed sessions on disk that exist before a scene begins, in a directory of their own."""

from __future__ import annotations

import datetime
import os
import tempfile
from pathlib import Path

from tests.unit.session.places import make_recorder
from vtcode_tui.conversation.events import (
    Event,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallRequested,
    ToolCallStarted,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import AssistantMessage, ToolCall
from vtcode_tui.session.settings import SessionSettings
from vtcode_tui.session.store import SessionStore

NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
_RUN = ToolCall("call-1", "run_terminal_cmd", {"command": "python -m pytest -q"})
_HELD = (
    ("3f9a2c7e", "Why does the parser drop the last line?", "", "qwen3:1.7b", 12, 40),
    ("b07d11e4", "Write a poem about the sea", "Verses", "gemma3:4b", 1, 5 * 3600),
    ("58c3aa90", "Rename module left to right everywhere", "", "qwen3:1.7b", 4, 30 * 3600),
    ("e1500d2b", "Explain how lines are split, with an example", "", "llama3:8b", 7, 90 * 3600),
)


def state_with_sessions(workspace: Path) -> Path:
    """A new state directory with four sessions; the newest was stopped while a command ran."""
    state_dir = Path(tempfile.mkdtemp(prefix="vtcode-tui-scene-"))
    store = SessionStore(state_dir, workspace)
    for session_id, words, title, model, turns, age_s in _HELD:
        path = store.directory / f"20260101-120000-{session_id}.jsonl"
        recorder = make_recorder(path)
        recorder.record_settings(SessionSettings(model, None, 8192))
        for turn in range(1, turns + 1):
            for event in _turn(turn, words if turn == 1 else f"Go on with part {turn}."):
                recorder.record(event)
        if title:
            recorder.rename(title)
        if age_s < 60:
            for event in _stopped(turns + 1):
                recorder.record(event)
        recorder.close()
        changed_s = NOW.timestamp() - age_s
        os.utime(path, (changed_s, changed_s))
    return state_dir


def state_without_room() -> Path:
    """A state directory in which no session can be saved."""
    state_dir = Path(tempfile.mkdtemp(prefix="vtcode-tui-scene-"))
    (state_dir / "sessions").write_text("in the way")
    return state_dir


def _turn(number: int, prompt: str) -> list[Event]:
    answer = f"That is **part {number}** of it:\n\n1. read the file\n2. keep what is left over\n"
    return [
        TurnStarted(number, prompt),
        StepStarted(1, "qwen3:1.7b"),
        ReasoningDelta("I read the file and look for the rest that is kept."),
        TextDelta(answer),
        StepFinished(
            AssistantMessage(answer, "I read the file and look for the rest that is kept."), "m"
        ),
        TurnFinished(TurnEnd.DONE, 1.0),
    ]


def _stopped(number: int) -> list[Event]:
    return [
        TurnStarted(number, "Does the test pass now?"),
        StepFinished(AssistantMessage("I run the tests.", "", (_RUN,)), "m"),
        ToolCallRequested(_RUN, "python -m pytest -q"),
        ToolCallStarted("call-1"),
    ]
