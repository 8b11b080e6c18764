"""Random sequences of events as an agent could emit them, and what a transcript shows of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    ContextCompacted,
    Event,
    ModelLoading,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    RetryScheduled,
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
    TurnSteered,
    Usage,
    UsageUpdated,
    UserCommandFinished,
    UserCommandOutput,
    UserCommandStarted,
)
from vtcode_tui.conversation.messages import AssistantMessage, JsonObject, ToolCall
from vtcode_tui.conversation.prompts import Attachment, AttachmentKind
from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    Display,
    FileDiff,
    FileDisplay,
    Outcome,
    TextDisplay,
    ToolResult,
)
from vtcode_tui.errors import ModelLacksFeature, ServerBusy, StreamBroken, VtcodeError
from vtcode_tui.transcript.blocks import (
    AnswerBlock,
    Block,
    ErrorBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from vtcode_tui.transcript.reducer import Transcript

_TEXTS = (
    "a",
    "Hello ",
    "\n",
    " ",
    "",
    "two\nlines\n",
    "é\u2028\x85\x1b[2J",
    "\ud800",
    '{"crc":"',
    "x" * 300,
)
_ERRORS = (
    StreamBroken("It broke.", why="cut", advice="again", status=200, may_retry=True),
    VtcodeError("Odd."),
)


class EventSource:
    """Makes turns of events that keep the laws, also with what is rare."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._calls = 0

    def turns(self, count: int) -> list[Event]:
        return [event for turn in range(1, count + 1) for event in self._turn(turn)]

    def _turn(self, number: int) -> Iterator[Event]:
        pick = self._random
        if pick.random() < 0.2:
            yield from self._user_command()
        yield TurnStarted(number, self._text(), self._attachments())
        for step in range(1, pick.randint(1, 3) + 1):
            if step > 1 and pick.random() < 0.2:
                yield TurnSteered(self._text(), self._attachments())
            yield from self._step(step)
        if pick.random() < 0.2:
            yield ContextCompacted(self._text(), 900, 400)
        failed = pick.random() < 0.2
        error = pick.choice(_ERRORS) if failed else None
        end = TurnEnd.FAILED if failed else pick.choice([TurnEnd.DONE, TurnEnd.CANCELLED])
        yield TurnFinished(end, pick.random(), error)
        if pick.random() < 0.1:
            yield NoticeRaised(NoticeLevel.INFO, self._text())

    def _step(self, number: int) -> Iterator[Event]:
        pick = self._random
        yield StepStarted(number, "qwen3:1.7b")
        if pick.random() < 0.2:
            yield ModelLoading("qwen3:1.7b")
        if pick.random() < 0.1:
            yield RetryScheduled(1, 0.5, ServerBusy("Busy.", status=503))
        content, thinking = "", ""
        for _ in range(pick.randint(0, 12)):
            match pick.random():
                case chance if chance < 0.45:
                    content += (text := self._text())
                    yield TextDelta(text)
                case chance if chance < 0.85:
                    thinking += (text := self._text())
                    yield ReasoningDelta(text)
                case chance if chance < 0.93:
                    yield NoticeRaised(NoticeLevel.WARNING, self._text())
                case _:
                    yield UsageUpdated(Usage(12, 3, None, 0.5, 1.25))
        calls = tuple(self._call() for _ in range(pick.choice([0, 0, 1, 2])))
        if content or thinking or calls:
            yield StepFinished(AssistantMessage(content, thinking, calls), "qwen3:1.7b")
        for call in calls:
            yield ToolCallRequested(call, self._text())
        for call in calls:
            yield from self._run(call)

    def _attachments(self) -> tuple[Attachment, ...]:
        kinds = self._random.choices(list(AttachmentKind), k=self._random.choice([0, 0, 1, 3]))
        return tuple(Attachment(kind, self._text(), self._text(), "aGk=") for kind in kinds)

    def _user_command(self) -> Iterator[Event]:
        self._calls += 1
        command_id = f"user-{self._calls}"
        yield UserCommandStarted(command_id, self._text())
        for _ in range(self._random.randint(0, 3)):
            yield UserCommandOutput(command_id, self._text())
        outcome = self._random.choice(list(Outcome))
        yield UserCommandFinished(
            command_id, ToolResult(outcome, self._text(), self._display(), "exit 0", 0.5)
        )

    def _call(self) -> ToolCall:
        self._calls += 1
        arguments: JsonObject = {"path": self._text(), "n": [1, 2.5, None, True, {"deep": "x"}]}
        return ToolCall(f"call-{self._calls}", "write_file", arguments)

    def _run(self, call: ToolCall) -> Iterator[Event]:
        pick = self._random
        if pick.random() < 0.4:
            request = ApprovalRequest(
                "r1", call, "Write", self._text(), self._display(), "/w", "rule", "scope"
            )
            yield ApprovalRequested(request)
            verdict = pick.choice(list(Verdict))
            yield ApprovalResolved("r1", call.call_id, ApprovalDecision(verdict, self._text()))
        if pick.random() < 0.7:
            yield ToolCallStarted(call.call_id)
            for _ in range(pick.randint(0, 3)):
                yield ToolOutputDelta(call.call_id, self._text())
        outcome = pick.choice(list(Outcome))
        result = ToolResult(outcome, self._text(), self._display(), "ok", pick.random())
        yield ToolCallFinished(call.call_id, result)

    def _display(self) -> Display:
        line = DiffLine("added", None, 1, self._text())
        diff = FileDiff("a.py", ((line, DiffLine("context", 1, 2, "")),), 1, 0, True)
        displays: list[Display] = [
            TextDisplay(self._text()),
            FileDisplay("a.py", self._text(), 7),
            CommandDisplay("ls", "/w", self._text(), None),
            DiffDisplay(diff),
        ]
        return self._random.choice(displays)

    def _text(self) -> str:
        return "".join(self._random.choices(_TEXTS, k=self._random.randint(0, 3)))


def feature_error() -> ModelLacksFeature:
    error = ModelLacksFeature("No tools.", status=400)
    error.feature = "tools"
    return error


def shown(events: list[Event] | tuple[Event, ...]) -> list[object]:
    """The blocks of the events' transcript in a form that can be compared."""
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return [_plain(block) for block in transcript.blocks]


def _plain(block: Block) -> object:
    match block:
        case ThinkingBlock():
            return ("thinking", block.text.text, block.ended, block.word_count)
        case AnswerBlock():
            return ("answer", block.text.text, block.ended)
        case ToolCallBlock():
            # With a result, that is what is shown and not the output so far.
            output = "" if block.result is not None else block.output.text
            facts = (block.name, block.subject, block.state, block.request, block.duration_s)
            return ("call", *facts, block.result, output)
        case ErrorBlock():
            return ("error", block.what, block.why, block.advice)
        case _:
            return tuple(getattr(block, name) for name in block.__slots__)
