"""Writes a session's events to its journal as they happen. Never raises.

Deltas are buffered: streamed text is written within a second, and completely with its message. The
message also records the order in which its parts were shown, so that a replay shows them in that
order.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from vtcode_tui.conversation.events import (
    ApprovalRequested,
    Event,
    ModelLoading,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    ToolOutputDelta,
    TurnFinished,
    TurnStarted,
    UsageUpdated,
    UserCommandFinished,
    UserCommandOutput,
)
from vtcode_tui.conversation.messages import AssistantMessage, JsonObject, JsonValue, Message
from vtcode_tui.secrecy import starred, starred_begun
from vtcode_tui.session.codec import Fields, encode_event, encode_messages, encode_value
from vtcode_tui.session.history import HistoryBuilder, first_words
from vtcode_tui.session.journal import Journal
from vtcode_tui.session.masking import Withheld
from vtcode_tui.session.settings import SessionSettings

log = logging.getLogger(__name__)

SCHEMA = 1
FLUSH_S = 0.8

_OUTPUT_TAIL = 16_384
_LONGEST_TITLE = 200


@dataclass(slots=True)
class _Run:
    """Consecutive streamed text of one kind; ``written`` chunks of it are on the disk, except for
    what is withheld."""

    kind: str
    chunks: list[str] = field(default_factory=list)
    written: int = 0
    is_over: bool = False


@dataclass(slots=True)
class _Output:
    """A command's output since it was last written."""

    chunks: list[str] = field(default_factory=list)
    withheld: Withheld = field(default_factory=Withheld)


@dataclass(slots=True)
class Past:
    """What a resumed session contained; empty for a new one."""

    messages: tuple[Message, ...] = ()
    turns: int = 0
    settings: SessionSettings = field(default_factory=SessionSettings)
    grants: tuple[str, ...] = ()
    title: str = ""
    first_words: str = ""
    parent: str = ""


class SessionRecorder:
    """Records one session. ``header`` goes into the first record; nothing is written until there is
    something to keep."""

    def __init__(
        self, journal: Journal, header: Mapping[str, JsonValue], past: Past | None = None
    ) -> None:
        past = past or Past()
        self.journal = journal
        self.turns = past.turns
        self.title = past.title
        self._header = header
        self._past = past
        self._settings = past.settings
        self._grants = list(past.grants)
        self._first_words = past.first_words
        self._history = HistoryBuilder(past.messages)
        self._has_begun = False
        self._runs: list[_Run] = []
        self._withheld: defaultdict[str, Withheld] = defaultdict(Withheld)
        self._output: dict[str, _Output] = {}
        self._arguments: dict[str, JsonObject] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._syncing: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> str:
        return self.journal.path.stem.rpartition("-")[2]

    # --- what the agent tells -----------------------------------------------------------------

    def record(self, event: Event) -> None:
        """Record one event. Microseconds for a delta, otherwise one write."""
        try:
            self._take(event)
        except Exception:
            log.exception("%s was not recorded", type(event).__name__)
            self.journal.report("a defect in this program")

    def _take(self, event: Event) -> None:
        match event:
            case TextDelta(text=text):
                self._take_delta("text", text)
            case ReasoningDelta(text=text):
                self._take_delta("thinking", text)
            case (
                ToolOutputDelta(call_id=call_id, text=text)
                | UserCommandOutput(command_id=call_id, text=text)
            ):
                self._output.setdefault(call_id, _Output()).chunks.append(text)
                self._schedule()
            case ModelLoading():
                pass  # It is gone when the model answers.
            case StepFinished():
                self._finish_step(event)
            case _:
                self._take_other(event)
        self._history.take(event)

    def record_history(self, messages: tuple[Message, ...]) -> None:
        """Record the agent's messages if they differ from what the events say, as after a
        compaction."""
        same = self._history.correct(messages)
        if same is not None and (self._has_begun or messages):
            kept = map(self._without_begun, messages[same:])
            fields: Fields = {"keep": same, "messages": encode_messages(kept)}
            self._append("history", fields)

    def record_grant(self, key: str) -> None:
        """Record an approval for the session."""
        if key in self._grants:
            return
        self._grants.append(key)
        if self._has_begun:
            self._append("grant", {"key": key})

    def record_grant_taken_back(self, key: str) -> None:
        """Record that an approval was revoked."""
        if key in self._grants:
            self._append("grant_taken_back", {"key": key})
            self._grants.remove(key)

    def record_settings(self, settings: SessionSettings) -> None:
        """Record the model and its settings from now on."""
        if settings == self._settings:
            return
        self._settings = settings
        if self._has_begun:
            self._append("settings", encode_value(settings))

    async def saved(self) -> None:
        """Wait until everything is on the disk, or has failed to be."""
        if self.journal.has_unsynced:
            self.journal.report(await asyncio.to_thread(self.journal.sync))

    # --- what the user does -------------------------------------------------------------------

    def rename(self, title: str) -> None:
        self.title = title[:_LONGEST_TITLE]
        self._append("title", {"title": self.title})

    def close(self) -> None:
        """Write what is buffered and release the file."""
        self._end_runs()
        self.journal.sync()
        self.journal.close()

    # --- records ------------------------------------------------------------------------------

    def _append(self, type_: str, fields: Mapping[str, JsonValue]) -> None:
        self.begin()
        self.journal.append(type_, fields)

    def begin(self) -> None:
        """Write what precedes the first event, once."""
        if self._has_begun:
            return
        self._has_begun = True
        is_new = not self._past.turns and not self.journal.exists
        start = {"schema": SCHEMA, "id": self.session_id, **self._header}
        if self._past.parent:
            start["parent"] = self._past.parent
        self.journal.append("session" if is_new else "resumed", start)
        if self._settings != self._past.settings or is_new:
            self.journal.append("settings", encode_value(self._settings))
        for key in self._grants[0 if is_new else len(self._past.grants) :]:
            self.journal.append("grant", {"key": key})

    def _take_other(self, event: Event) -> None:
        match event:
            case TurnStarted(prompt=prompt, is_retry=is_retry):
                self._end_runs()
                self.journal.retry()
                self.turns += not is_retry
                self._first_words = self._first_words or first_words(prompt)
                self._append_event(event)
            case StepStarted():
                self._end_runs()
                self._append_event(event)
            case UsageUpdated():
                self._append_event(event)
            case ToolCallFinished(call_id=call_id) | UserCommandFinished(command_id=call_id):
                self.flush()
                self._output.pop(call_id, None)  # The result has it.
                self._arguments.pop(call_id, None)
                self._append_event(event)
            case TurnFinished():
                self._end_runs()
                self._output.clear()
                self._append_event(event)
                self._append("summary", self._summary())
                self.journal.retry()
            case _:
                self._break_run()
                self.flush()
                self._append_event(event)

    def _append_event(self, event: Event) -> None:
        type_, fields = encode_event(event)
        match event:
            case ToolCallRequested(call=call):
                self._leave_out_arguments(call.call_id, call.arguments, fields["call"])
            case ApprovalRequested(request=request):
                encoded = cast("Fields", fields["request"])["call"]
                self._leave_out_arguments(request.call.call_id, request.call.arguments, encoded)
            case _:
                pass
        self._append(type_, fields)

    def _leave_out_arguments(self, call_id: str, arguments: JsonObject, encoded: JsonValue) -> None:
        """Drop the arguments from an encoded event if the message has them: they can be large."""
        if self._arguments.get(call_id) == arguments:
            cast("Fields", encoded).pop("arguments", None)

    def _summary(self) -> Fields:
        """The summary for the list of sessions, at the end of the file where it is found quickly."""
        return {
            "turns": self.turns,
            "first_words": self._first_words,
            "title": self.title,
            "model": self._settings.model,
        }

    # --- what streams -------------------------------------------------------------------------

    def _take_delta(self, kind: str, text: str) -> None:
        if not text:
            return
        runs = self._runs
        if not runs or runs[-1].kind != kind or runs[-1].is_over:
            runs.append(_Run(kind))
        runs[-1].chunks.append(text)
        self._schedule()

    def _finish_step(self, event: StepFinished) -> None:
        message = cast("AssistantMessage", self._without_begun(event.message))
        type_, fields = encode_event(replace(event, message=message))
        if self._runs and self._make_up(event.message):
            order = [(run.kind, sum(map(len, run.chunks))) for run in self._runs]
            fields["runs"] = [[kind, length] for kind, length in order]
            self._runs.clear()
            self._withheld.clear()
        self._end_runs()
        self._arguments = {call.call_id: call.arguments for call in event.message.tool_calls}
        self._append(type_, fields)

    def _without_begun(self, message: Message) -> Message:
        """An answer may have been stopped in the middle of a secret."""
        if not isinstance(message, AssistantMessage):
            return message
        secrets = tuple(self.journal.secrets())
        content = starred_begun(message.content, secrets)
        thinking = starred_begun(message.thinking, secrets)
        if (content, thinking) == (message.content, message.thinking):
            return message
        return replace(message, content=content, thinking=thinking)

    def _make_up(self, message: AssistantMessage) -> bool:
        """Whether the streamed text is exactly the message."""
        return message.content == self._streamed("text") and message.thinking == self._streamed(
            "thinking"
        )

    def _streamed(self, kind: str) -> str:
        return "".join(chunk for run in self._runs if run.kind == kind for chunk in run.chunks)

    def _break_run(self) -> None:
        if self._runs:
            self._runs[-1].is_over = True

    def _end_runs(self) -> None:
        """Write the remaining deltas: no message will contain them."""
        self._break_run()
        self.flush()
        secrets = tuple(self.journal.secrets())
        for kind, withheld in self._withheld.items():
            self._append_delta(kind, withheld.rest(secrets))
        self._runs.clear()
        self._withheld.clear()

    def flush(self) -> None:
        """Write what was streamed since the last flush. Each record is masked separately, so text
        that may begin a secret waits for the rest of it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        secrets = tuple(self.journal.secrets())
        for run in self._runs:
            withheld = self._withheld[run.kind]
            text = withheld.passed("".join(run.chunks[run.written :]), secrets)
            run.written = len(run.chunks)
            if run.is_over or run is not self._runs[-1]:
                text += withheld.passed_by()
            self._append_delta(run.kind, text)
        for call_id, output in self._output.items():
            text = output.withheld.passed("".join(output.chunks), secrets)
            output.chunks.clear()
            if text:
                # Starred out before it is cut, which may part a secret too.
                tail = starred(text, secrets)[-_OUTPUT_TAIL:]
                self._append("output", {"call_id": call_id, "text": tail})

    def _append_delta(self, kind: str, text: str) -> None:
        if text:
            self._append("delta", {"kind": kind, "text": text})

    def _schedule(self) -> None:
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._timer = loop.call_later(FLUSH_S, self._flush_to_the_disk)

    def _flush_to_the_disk(self) -> None:
        """Sync, so that a long stream survives a crash of the machine too."""
        self.flush()
        if self._syncing is None:  # A slow disk is not asked again before it has answered.
            self._syncing = asyncio.get_running_loop().create_task(self._sync())

    async def _sync(self) -> None:
        try:
            await self.saved()
        finally:
            self._syncing = None
