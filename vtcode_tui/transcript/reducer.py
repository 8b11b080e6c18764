"""Reduces events to the blocks of a conversation. No clock, no screen.

Live and replayed events give the same blocks; only the times, which the caller supplies, differ.
"""

from __future__ import annotations

from typing import assert_never

from vtcode_tui.conversation.approvals import Verdict
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
    UsageUpdated,
    UserCommandFinished,
    UserCommandOutput,
    UserCommandStarted,
)
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.blocks import (
    AnswerBlock,
    Block,
    ErrorBlock,
    NoticeBlock,
    PromptBlock,
    ThinkingBlock,
    ToolCallBlock,
    ToolState,
    TurnEndBlock,
)

_LONG_TEXT = 1_000_000
_TRIED_AGAIN = "The last prompt is tried again."
_RETRY_HINT = "To try this prompt again: /retry"


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of one event, as indexes of ``Transcript.blocks``, oldest first.

    ``added`` were appended; ``changed`` existed before.
    """

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()


NO_CHANGE = Change()


class Transcript:
    """All blocks of a conversation, oldest first. Append-only."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open: ThinkingBlock | AnswerBlock | None = None
        self._call_indexes: dict[str, int] = {}
        self._plan_index: int | None = None
        self._grown = NO_CHANGE
        self._step_has_text = False
        self._step_has_thinking = False
        self._blank = ""  # What came before an answer's first letter, so that chunks do not matter.

    def apply(self, event: Event, now_s: float | None = None) -> Change:
        """Process one event; ``now_s`` is the caller's clock, None for replayed events."""
        first_new = len(self.blocks)
        match event:
            case TextDelta(text=text) if isinstance(self._open, AnswerBlock):
                self._open.text.append(text)
                return self._grown
            case ReasoningDelta(text=text) if isinstance(self._open, ThinkingBlock):
                self._open.text.append(text)
                return self._grown
            case TextDelta(text=text):
                changed = self._open_answer(text, now_s)
            case ReasoningDelta(text=text):
                changed = self._open_thinking(text, now_s)
            case ToolOutputDelta(call_id=call_id, text=text):
                changed = self._append_output(call_id, text)
            case UserCommandOutput(command_id=command_id, text=text):
                changed = self._append_output(command_id, text)
            case TurnStarted(is_retry=True):
                changed = self._close(now_s)
                self.blocks.append(NoticeBlock(NoticeLevel.INFO, _TRIED_AGAIN))
            case TurnStarted() | TurnSteered():
                changed = self._close(now_s)
                self.blocks.append(PromptBlock(event.prompt, event.attachments))
            case StepStarted():
                changed = self._close(now_s)
                self._step_has_text = self._step_has_thinking = False
            case StepFinished():
                changed = self._finish_step(event, now_s)
            case ToolCallRequested():
                changed = self._request_call(event, now_s)
            case ApprovalRequested() | ApprovalResolved() | ToolCallStarted() | ToolCallFinished():
                changed = self._advance_call(event, now_s)
            case UserCommandStarted() | UserCommandFinished():
                changed = self._advance_user_command(event, now_s)
            case TurnFinished():
                changed = self._finish_turn(event, now_s)
            case RetryScheduled() | ContextCompacted() | NoticeRaised():
                changed = self._close(now_s)
                self.blocks.append(_notice_of(event))
            case ModelLoading() | UsageUpdated():
                return NO_CHANGE
            case _:
                assert_never(event)
        return self._change(first_new, changed)

    def _change(self, first_new: int, changed: tuple[int, ...]) -> Change:
        added = tuple(range(first_new, len(self.blocks)))
        if not added and not changed:
            return NO_CHANGE
        return Change(added, tuple(index for index in changed if index < first_new))

    def _open_answer(self, text: str, now_s: float | None) -> tuple[int, ...]:
        self._step_has_text = True
        text = self._blank + text
        if not text.strip():
            self._blank = text
            return ()
        changed = self._close(now_s)
        self._open = AnswerBlock()
        self._open.text.append(text.lstrip("\r\n"))
        self._grown = Change(changed=(len(self.blocks),))
        self.blocks.append(self._open)
        return changed

    def _open_thinking(self, text: str, now_s: float | None) -> tuple[int, ...]:
        self._step_has_thinking = True
        if not text.strip():
            return ()
        changed = self._close(now_s)
        self._open = ThinkingBlock(started_s=now_s)
        self._open.text.append(text.lstrip())
        self._grown = Change(changed=(len(self.blocks),))
        self.blocks.append(self._open)
        return changed

    def _close(self, now_s: float | None) -> tuple[int, ...]:
        """End the open run of text or thinking, which is always the last block."""
        self._blank = ""
        block = self._open
        if block is None:
            return ()
        self._open = None
        block.ended = True
        if isinstance(block, ThinkingBlock):
            block.text.compact()
            block.word_count = _count_words(block.text.text)
            block.duration_s = _elapsed(block.started_s, now_s)
        return (len(self.blocks) - 1,)

    def _finish_step(self, event: StepFinished, now_s: float | None) -> tuple[int, ...]:
        """Close the streamed blocks; show content of the message that no delta had."""
        changed: tuple[int, ...] = ()
        if not self._step_has_thinking and event.message.thinking:
            changed += self._open_thinking(event.message.thinking, now_s)
        if not self._step_has_text and event.message.content:
            changed += self._open_answer(event.message.content, now_s)
        self._step_has_text = self._step_has_thinking = True
        return changed + self._close(now_s)

    def _request_call(self, event: ToolCallRequested, now_s: float | None) -> tuple[int, ...]:
        changed = self._close(now_s)
        call = event.call
        self._call_indexes[call.call_id] = len(self.blocks)
        self.blocks.append(ToolCallBlock(call.call_id, call.name, event.subject))
        return changed

    def _call(self, call_id: str) -> tuple[int, ToolCallBlock] | None:
        index = self._call_indexes.get(call_id)
        block = None if index is None else self.blocks[index]
        return (index, block) if index is not None and isinstance(block, ToolCallBlock) else None

    def _append_output(self, call_id: str, text: str) -> tuple[int, ...]:
        found = self._call(call_id)
        if found is None or not text:
            return ()
        index, block = found
        block.output.append(text)
        return (index,)

    def _advance_call(
        self,
        event: ApprovalRequested | ApprovalResolved | ToolCallStarted | ToolCallFinished,
        now_s: float | None,
    ) -> tuple[int, ...]:
        call_id = (
            event.request.call.call_id if isinstance(event, ApprovalRequested) else event.call_id
        )
        found = self._call(call_id)
        if found is None:
            return ()
        index, block = found
        match event:
            case ApprovalRequested(request=request):
                block.state = ToolState.WAITING
                block.request = request
            case ApprovalResolved(decision=decision):
                if decision.verdict is not Verdict.DENY:
                    block.state = ToolState.REQUESTED
            case ToolCallStarted():
                block.state = ToolState.RUNNING
                block.started_s = now_s
            case ToolCallFinished(result=result):
                block.state = ToolState(result.outcome.value)
                block.result = result
                block.duration_s = result.duration_s or _elapsed(block.started_s, now_s)
                if block.is_plan:
                    return (*self._supersede_plan(index), index)
            case _:
                assert_never(event)
        return (index,)

    def _supersede_plan(self, index: int) -> tuple[int, ...]:
        """Note the current plan; return the index of the previous one."""
        before, self._plan_index = self._plan_index, index
        block = None if before is None else self.blocks[before]
        if before is None or not isinstance(block, ToolCallBlock):
            return ()
        block.is_superseded = True
        return (before,)

    def _advance_user_command(
        self, event: UserCommandStarted | UserCommandFinished, now_s: float | None
    ) -> tuple[int, ...]:
        if isinstance(event, UserCommandFinished):
            return self._advance_call(ToolCallFinished(event.command_id, event.result), now_s)
        changed = self._close(now_s)
        self._call_indexes[event.command_id] = len(self.blocks)
        block = ToolCallBlock(event.command_id, "$", event.command, ToolState.RUNNING)
        block.started_s, block.is_users = now_s, True
        self.blocks.append(block)
        return changed

    def _finish_turn(self, event: TurnFinished, now_s: float | None) -> tuple[int, ...]:
        changed = self._close(now_s) + self._cancel_open_calls()
        if event.error is not None:
            error = event.error
            advice = "\n".join(filter(None, (error.advice, _RETRY_HINT)))
            self.blocks.append(ErrorBlock(error.what, error.why, advice))
        elif event.end is not TurnEnd.DONE:
            self.blocks.append(TurnEndBlock(event.end))
        return changed

    def _cancel_open_calls(self) -> tuple[int, ...]:
        """Mark the open calls of a finished turn as cancelled."""
        changed: list[int] = []
        for index in self._call_indexes.values():
            block = self.blocks[index]
            if isinstance(block, ToolCallBlock) and not block.is_finished:
                block.state = ToolState.CANCELLED
                changed.append(index)
        self._call_indexes.clear()
        return tuple(changed)


def _elapsed(started_s: float | None, now_s: float | None) -> float | None:
    if started_s is None or now_s is None:
        return None
    return max(0.0, now_s - started_s)


def _count_words(text: str) -> int:
    """The number of words; very long text is estimated from its blanks."""
    return len(text.split()) if len(text) < _LONG_TEXT else text.count(" ") + 1


def _notice_of(event: RetryScheduled | ContextCompacted | NoticeRaised) -> NoticeBlock:
    match event:
        case NoticeRaised(level=level, text=text):
            return NoticeBlock(level, text)
        case RetryScheduled(attempt=attempt, delay_s=delay_s, error=error):
            text = (
                f"{error.what} Trying again in {delay_s:.1f} s (attempt {attempt}). Esc stops it."
            )
            return NoticeBlock(NoticeLevel.WARNING, text)
        case ContextCompacted(tokens_before=before, tokens_after=after):
            text = f"Older messages were summarised: {before:,} → {after:,} tokens."
            return NoticeBlock(NoticeLevel.INFO, text)
        case _:
            assert_never(event)
