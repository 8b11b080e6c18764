"""Turns a session's records back into events, messages and settings. Pure.

Whatever a crash or damage left open is closed: every call gets a result, every turn its end.
Nothing runs again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from vtcode_tui.conversation.events import (
    ApprovalRequested,
    Event,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    ToolCallStarted,
    ToolOutputDelta,
    TurnEnd,
    TurnFinished,
    TurnStarted,
    UsageUpdated,
    UserCommandFinished,
    UserCommandOutput,
    UserCommandStarted,
)
from vtcode_tui.conversation.messages import AssistantMessage, JsonValue, Message, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.session.codec import (
    EVENT_TYPES,
    RecordError,
    decode_as,
    decode_event,
    decode_messages,
)
from vtcode_tui.session.history import HistoryBuilder, first_words, made_valid
from vtcode_tui.session.records import Record, Scan
from vtcode_tui.session.settings import SessionSettings

NOT_RUN = "Not run: the app stopped before it."
OUTCOME_UNKNOWN = (
    "Outcome unknown (the app stopped): the call was running and may have done all, some or none"
    " of its work. Look before you repeat it."
)
OUTCOME_UNKNOWN_COMMAND = "Outcome unknown (the app stopped): the command was running."
STOPPED = "The app stopped here, in the middle of the turn."

_FACTS = frozenset({"settings", "grant", "grant_taken_back", "title"})
_OF_NO_EVENT = frozenset({"session", "resumed", "summary"})
_OUTPUT_TAIL = 16_384


@dataclass(frozen=True, slots=True)
class Replayed:
    """``events`` give the transcript; ``messages`` are valid for the server.

    ``damaged`` counts unreadable records, ``unknown`` those of a newer version. ``was_stopped``
    says that the last turn did not end.
    """

    events: tuple[Event, ...]
    messages: tuple[Message, ...]
    settings: SessionSettings
    grants: tuple[str, ...]
    turns: int
    title: str
    first_words: str
    workspace: str
    app_version: str
    started_s: float
    was_stopped: bool
    damaged: int
    unknown: int


@dataclass(slots=True)
class _OpenCall:
    """A call without a result yet; ``output`` is the tail of its output."""

    call: ToolCall
    is_requested: bool = False
    is_started: bool = False
    output: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Streamed text of one kind; ``kind`` is "text" or "thinking"."""

    kind: str
    text: str


@dataclass(slots=True)
class _Facts:
    """What the records contain besides events."""

    settings: SessionSettings = field(default_factory=SessionSettings)
    grants: list[str] = field(default_factory=list)
    title: str = ""
    first_words: str = ""
    workspace: str = ""
    app_version: str = ""
    started_s: float = 0.0


def replay(scanned: Scan) -> Replayed:
    """Everything in a session's file."""
    player = _Player()
    damaged = scanned.damaged
    for record in scanned.records:
        try:
            player.take(record)
        except RecordError:
            damaged += 1
    return player.finish(damaged)


class _Player:
    """Replays the records of one session in order."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._history = HistoryBuilder()
        self._facts = _Facts()
        self._held: list[_Piece | Event] = []
        self._model = ""
        self._calls: dict[str, _OpenCall] = {}
        self._user_commands: dict[str, str] = {}
        self._turns = 0
        self._is_turn_open = False
        self._unknown = 0

    def take(self, record: Record) -> None:
        """Raises RecordError for a malformed record."""
        if record.type in EVENT_TYPES:
            self._take_event(decode_event(record.type, record.fields), record.fields)
        elif record.type == "delta":
            self._held.append(_Piece(record.text("kind"), record.text("text")))
        elif record.type == "output":
            self._take_output(record.text("call_id"), record.text("text"))
        elif record.type == "history":
            self._take_history(record)
        elif record.type in _OF_NO_EVENT or record.type in _FACTS:
            self._take_fact(record)
        else:
            self._unknown += 1

    def finish(self, damaged: int) -> Replayed:
        was_stopped = self._is_turn_open
        self._close_turn()
        self._close_user_commands()
        facts = self._facts
        return Replayed(
            events=tuple(self._events),
            messages=made_valid(self._history.messages),
            settings=facts.settings,
            grants=tuple(facts.grants),
            turns=self._turns,
            title=facts.title,
            first_words=facts.first_words,
            workspace=facts.workspace,
            app_version=facts.app_version,
            started_s=facts.started_s,
            was_stopped=was_stopped,
            damaged=damaged,
            unknown=self._unknown,
        )

    # --- records that are no events -----------------------------------------------------------

    def _take_fact(self, record: Record) -> None:
        facts = self._facts
        if record.type == "settings":
            facts.settings = decode_as(SessionSettings, dict(record.fields))
        elif record.type == "grant":
            facts.grants.append(record.text("key"))
        elif record.type == "grant_taken_back":
            key = record.text("key")
            facts.grants = [each for each in facts.grants if each != key]
        elif record.type == "title":
            facts.title = record.text("title")
        elif record.type != "summary":
            facts.workspace = record.text("workspace")
            facts.app_version = record.text("app")
            facts.started_s = facts.started_s or record.time_s

    def _take_history(self, record: Record) -> None:
        keep = record.fields.get("keep")
        if not isinstance(keep, int) or keep < 0:
            raise RecordError("history without keep")
        self._history.replace_from(keep, decode_messages(record.fields.get("messages")))

    # --- events -------------------------------------------------------------------------------

    def _take_event(self, event: Event, fields: Mapping[str, JsonValue]) -> None:
        match event:
            case TurnStarted(prompt=prompt, is_retry=is_retry):
                self._close_turn()
                self._close_user_commands()
                self._is_turn_open = True
                self._turns += not is_retry
                self._facts.first_words = self._facts.first_words or first_words(prompt)
                self._emit(event)
            case StepStarted(model=model):
                self._settle()
                self._model = model
                self._emit(event)
            case StepFinished():
                self._settle(event, _runs_of(event.message, fields.get("runs")))
                for call in event.message.tool_calls:
                    self._calls[call.call_id] = _OpenCall(call)
            case ToolCallRequested(call=call):
                known = self._calls.setdefault(call.call_id, _OpenCall(call))
                known.is_requested = True
                self._hold(replace(event, call=known.call))
            case ApprovalRequested(request=request):
                call_id = request.call.call_id
                call = self._calls[call_id].call if call_id in self._calls else request.call
                self._hold(replace(event, request=replace(request, call=call)))
            case ToolCallStarted(call_id=call_id):
                if call_id in self._calls:
                    self._request(self._calls[call_id])
                    self._calls[call_id].is_started = True
                self._hold(event)
            case ToolCallFinished(call_id=call_id):
                known_call = self._calls.pop(call_id, None)
                if known_call is None:
                    return  # Its request was lost, and its name with it.
                self._request(known_call)
                self._hold(event)
            case TurnFinished():
                self._settle()
                self._close_calls()
                self._is_turn_open = False
                self._emit(event)
            case UserCommandStarted(command_id=command_id):
                self._close_turn()
                self._close_user_commands()
                self._user_commands[command_id] = ""
                self._emit(event)
            case UserCommandFinished(command_id=command_id):
                if self._user_commands.pop(command_id, None) is not None:
                    self._emit(event)
            case _:
                self._hold(event)

    def _take_output(self, call_id: str, text: str) -> None:
        if call_id in self._user_commands:
            self._user_commands[call_id] = (self._user_commands[call_id] + text)[-_OUTPUT_TAIL:]
            self._emit(UserCommandOutput(call_id, text))
            return
        known = self._calls.get(call_id)
        if known is not None:
            known.output = (known.output + text)[-_OUTPUT_TAIL:]
        self._hold(ToolOutputDelta(call_id, text))

    def _hold(self, event: Event) -> None:
        """Emit the event after any text that the step's message may still extend."""
        if self._held and not isinstance(event, UsageUpdated):
            self._held.append(event)
        else:
            self._emit(event)

    def _emit(self, event: Event) -> None:
        self._events.append(event)
        self._history.take(event)

    def _request(self, known: _OpenCall) -> None:
        """Request a call whose request was lost, before any other event of it."""
        if not known.is_requested:
            known.is_requested = True
            self._hold(ToolCallRequested(known.call, ""))

    # --- what streamed ------------------------------------------------------------------------

    def _settle(
        self, finished: StepFinished | None = None, runs: tuple[_Piece, ...] | None = None
    ) -> None:
        """Emit a step's streamed text and its message; without one, make it from the text."""
        held, self._held = _joined(self._held), []
        streamed = [item for item in held if isinstance(item, _Piece)]
        if finished is not None and runs is not None:
            rest = _rest(streamed, runs)
            if rest is None:  # Some of it is lost, and the message has it all.
                held = [item for item in held if not isinstance(item, _Piece)]
                rest = runs
            held = _joined([*held, *rest])
        for item in held:
            self._emit(_delta(item) if isinstance(item, _Piece) else item)
        if finished is not None:
            self._emit(finished)
        elif streamed:
            message = AssistantMessage(_text_of(streamed, "text"), _text_of(streamed, "thinking"))
            self._emit(StepFinished(message, self._model))

    # --- ends ---------------------------------------------------------------------------------

    def _close_turn(self) -> None:
        """Finish a turn that was interrupted by the end of the app."""
        self._settle()
        if not self._is_turn_open:
            return
        self._close_calls()
        self._is_turn_open = False
        self._emit(NoticeRaised(NoticeLevel.WARNING, STOPPED))
        self._emit(TurnFinished(TurnEnd.CANCELLED, 0.0))

    def _close_user_commands(self) -> None:
        for command_id, output in self._user_commands.items():
            self._emit(UserCommandFinished(command_id, _unknown(OUTCOME_UNKNOWN_COMMAND, output)))
        self._user_commands.clear()

    def _close_calls(self) -> None:
        calls, self._calls = self._calls, {}
        for call_id, known in calls.items():
            self._request(known)
            self._emit(ToolCallFinished(call_id, _unfinished(known)))


def _unfinished(known: _OpenCall) -> ToolResult:
    if not known.is_started:
        return ToolResult(Outcome.CANCELLED, NOT_RUN, TextDisplay(NOT_RUN), summary="not run")
    return _unknown(OUTCOME_UNKNOWN, known.output)


def _unknown(why: str, output: str) -> ToolResult:
    shown = f"{why}\n\n{output}" if output else why
    return ToolResult(Outcome.CANCELLED, why, TextDisplay(shown), summary="outcome unknown")


def _runs_of(message: AssistantMessage, runs: JsonValue) -> tuple[_Piece, ...] | None:
    """The message divided into its streamed runs; None if the record does not describe them."""
    if not isinstance(runs, list):
        return None
    texts = {"text": message.content, "thinking": message.thinking}
    at = dict.fromkeys(texts, 0)
    pieces: list[_Piece] = []
    for run in runs:
        match run:
            case [str(kind), int(length)] if kind in texts:
                pieces.append(_Piece(kind, texts[kind][at[kind] : at[kind] + length]))
                at[kind] += length
            case _:
                return None
    return tuple(pieces) if all(at[kind] == len(texts[kind]) for kind in texts) else None


def _joined(items: Iterable[_Piece | Event]) -> list[_Piece | Event]:
    """The items with adjacent texts of one kind joined."""
    joined: list[_Piece | Event] = []
    for item in items:
        last = joined[-1] if joined else None
        if isinstance(item, _Piece) and isinstance(last, _Piece) and item.kind == last.kind:
            joined[-1] = _Piece(item.kind, last.text + item.text)
        else:
            joined.append(item)
    return joined


def _rest(streamed: list[_Piece], runs: tuple[_Piece, ...]) -> tuple[_Piece, ...] | None:
    """The part of ``runs`` that is not in ``streamed``; None if ``streamed`` is not a prefix."""
    if not streamed:
        return runs
    if len(streamed) > len(runs):
        return None
    *whole, last = streamed
    if whole != list(runs[: len(whole)]):
        return None
    current, *others = runs[len(whole) :]
    if current.kind != last.kind or not current.text.startswith(last.text):
        return None
    remainder = _Piece(last.kind, current.text[len(last.text) :])
    return tuple(piece for piece in chain([remainder], others) if piece.text)


def _delta(piece: _Piece) -> Event:
    return TextDelta(piece.text) if piece.kind == "text" else ReasoningDelta(piece.text)


def _text_of(pieces: Iterable[_Piece], kind: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind == kind)
