"""Exports a session as Markdown or JSON. Pure."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from vtcode_tui.conversation.approvals import Verdict
from vtcode_tui.conversation.events import (
    ApprovalResolved,
    ContextCompacted,
    Event,
    NoticeRaised,
    RetryScheduled,
    StepFinished,
    ToolCallFinished,
    ToolCallRequested,
    TurnEnd,
    TurnFinished,
    TurnStarted,
    TurnSteered,
    UserCommandFinished,
    UserCommandStarted,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.prompts import Attachment
from vtcode_tui.session.codec import encode_event, encode_messages
from vtcode_tui.session.replay import Replayed

SCHEMA = 1

_LATEST_S = 4e9
_FENCES = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Exported:
    """A session and its id. ``zone`` is the user's time zone."""

    session_id: str
    session: Replayed
    zone: datetime.tzinfo | None = None

    @property
    def title(self) -> str:
        return self.session.title or self.session.first_words or self.session_id


def to_json(exported: Exported) -> str:
    """The session as one JSON object in ASCII: its facts, the messages as a model reads them, and
    the events as stored."""
    session = exported.session
    content = {
        "schema": SCHEMA,
        "id": exported.session_id,
        "title": session.title,
        "workspace": session.workspace,
        "app": session.app_version,
        "started": _moment(exported).isoformat(),
        "model": session.settings.model,
        "effort": session.settings.effort,
        "num_ctx": session.settings.num_ctx,
        "turns": session.turns,
        "messages": encode_messages(session.messages),
        "events": [_event_fields(event) for event in session.events],
    }
    return json.dumps(content, indent=1) + "\n"


def _event_fields(event: Event) -> dict[str, object]:
    type_, fields = encode_event(event)
    return {"type": type_, **fields}


def to_markdown(exported: Exported, clean: Callable[[str], str]) -> str:
    """The session as Markdown. ``clean`` makes untrusted text harmless for a terminal."""
    session = exported.session
    facts = {
        "Session": exported.session_id,
        "Workspace": session.workspace,
        "Model": session.settings.model,
        "Started": f"{_moment(exported):%Y-%m-%d %H:%M}",
    }
    head = [f"# {_one_line(exported.title)}", ""]
    head += [f"- {name}: {_one_line(text)}" for name, text in facts.items() if text]
    parts = ["\n".join(head), *_paragraphs(session.events)]
    return clean("\n\n".join(parts)) + "\n"


def _paragraphs(events: Iterable[Event]) -> Iterator[str]:
    calls: dict[str, tuple[ToolCall, str]] = {}
    for event in events:
        match event:
            case TurnStarted(is_retry=True):
                yield "> Tried again."
            case TurnStarted(turn, prompt, attachments):
                yield f"## Prompt {turn}"
                yield _fenced(prompt)
                yield from map(_attached, attachments)
            case TurnSteered(prompt, attachments):
                yield "*The user said meanwhile:*"
                yield _fenced(prompt)
                yield from map(_attached, attachments)
            case UserCommandStarted(command=command):
                yield f"**The user ran** {_code(command)}"
            case UserCommandFinished(result=result):
                yield _fenced(result.content)
            case StepFinished(message=message, model=model):
                if message.thinking.strip():
                    yield f"<details><summary>Thinking ({_one_line(model)})</summary>"
                    yield _fenced(message.thinking)
                    yield "</details>"
                if message.content.strip():
                    yield message.content.strip("\n")
            case ToolCallRequested(call=call, subject=subject):
                calls[call.call_id] = (call, subject)
            case ApprovalResolved(decision=decision):
                if decision.verdict is not Verdict.DENY:
                    yield f"*Approved by the user ({decision.verdict.value}).*"
            case ToolCallFinished(call_id=call_id, result=result):
                if call_id in calls:
                    call, subject = calls.pop(call_id)
                    ended = result.summary or result.outcome.value
                    yield f"**{_one_line(call.name)}** {_code(subject)} — {_one_line(ended)}"
                    yield _fenced(result.content)
            case NoticeRaised(text=text):
                yield f"> {_one_line(text)}"
            case ContextCompacted(summary=summary):
                yield f"> Older messages were summarised. {_one_line(summary)}"
            case RetryScheduled(error=error):
                yield f"> {_one_line(error.what)} Tried again."
            case TurnFinished(end=end, error=error):
                if error is not None:
                    yield f"> Failed: {_one_line(str(error))}"
                elif end is not TurnEnd.DONE:
                    yield f"> Ended: {end.value.replace('_', ' ')}."
            case _:
                pass


def _attached(attachment: Attachment) -> str:
    note = f", {_one_line(attachment.note)}" if attachment.note else ""
    return f"*With {attachment.kind.value}* {_code(attachment.name)}{note}"


def _fenced(text: str) -> str:
    """``text`` in a code fence that it cannot close."""
    longest = max((len(fence) for fence in _FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text.strip(chr(10))}\n{fence}"


def _code(text: str) -> str:
    line = _one_line(text)
    return f"`` {line} ``" if "`" in line else f"`{line}`"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _moment(exported: Exported) -> datetime.datetime:
    seconds = min(max(0.0, exported.session.started_s), _LATEST_S)
    return datetime.datetime.fromtimestamp(seconds, exported.zone or datetime.UTC)
