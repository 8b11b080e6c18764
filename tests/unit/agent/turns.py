"""What tests of turns script, and what they read out of a turn."""

from __future__ import annotations

from typing import Any

from tests.unit.agent.conftest import Bench
from vtcode_tui.conversation.approvals import ApprovalDecision, Verdict
from vtcode_tui.conversation.events import (
    Event,
    ToolCallFinished,
    ToolCallRequested,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.results import Outcome

ALLOW_ALL = '[tools]\ndefault_policy = "allow"\n'
WRITE = ("write_file", {"path": "new.txt", "content": "hello\n"})
ONCE = ApprovalDecision(Verdict.ONCE)
SESSION = ApprovalDecision(Verdict.SESSION)
DENY = ApprovalDecision(Verdict.DENY)


def assert_laws(bench: Bench, events: list[Event]) -> TurnFinished:
    """One TurnStarted first, one TurnFinished last, calls in pairs, a history fit for the server."""
    assert isinstance(events[0], TurnStarted)
    assert [event for event in events if isinstance(event, TurnFinished)] == events[-1:]
    requested = [e.call.call_id for e in events if isinstance(e, ToolCallRequested)]
    finished = [e.call_id for e in events if isinstance(e, ToolCallFinished)]
    assert sorted(requested) == sorted(finished)
    assert len(set(requested)) == len(requested)
    assert bench.agent.history.unanswered_calls() == ()
    last = events[-1]
    assert isinstance(last, TurnFinished)
    assert (last.error is not None) == (last.end is TurnEnd.FAILED)
    return last


def results(events: list[Event]) -> list[tuple[Outcome, str]]:
    return [(e.result.outcome, e.result.content) for e in events if isinstance(e, ToolCallFinished)]


def wire_messages(bench: Bench, request: int) -> list[dict[str, Any]]:
    body = bench.server.chats[request].body
    assert body is not None
    messages: list[dict[str, Any]] = body["messages"]
    return messages
