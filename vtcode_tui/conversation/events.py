"""Everything that can happen in a turn, one frozen type each.

The agent loop yields them, the journal stores them, the screen and the headless doors read them.
Laws: a turn begins with one TurnStarted and ends with exactly one TurnFinished; each
ToolCallRequested is followed by exactly one ToolCallFinished with its ``call_id``; a command of the
user's own runs between turns, and each UserCommandStarted is followed by one UserCommandFinished.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest
from vtcode_tui.conversation.messages import AssistantMessage, ToolCall
from vtcode_tui.conversation.prompts import Attachment
from vtcode_tui.conversation.results import ToolResult
from vtcode_tui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vtcode_tui.errors import VtcodeError


@dataclass(frozen=True, slots=True)
class Usage:
    """A reply's counters as the server reported them. Tokens, and seconds.

    None where the server left a counter out, as it does when it is zero.
    """

    prompt_tokens: int | None = None
    output_tokens: int | None = None
    load_s: float | None = None
    prompt_s: float | None = None
    output_s: float | None = None
    total_s: float | None = None

    @property
    def tokens_per_second(self) -> float | None:
        """``eval_count / eval_duration``, or None where the server gave no counters.

        None for a single token, too: it comes with the prompt, and the server counts no time for it.
        """
        if not self.output_tokens or self.output_tokens < 2 or not self.output_s:
            return None
        return self.output_tokens / self.output_s


class TurnEnd(StrEnum):
    """Why a turn ended. ``LENGTH`` is the server's own output limit."""

    DONE = "done"
    LENGTH = "length"
    CANCELLED = "cancelled"
    FAILED = "failed"
    STEP_LIMIT = "step_limit"


class NoticeLevel(StrEnum):
    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A turn begins. With ``is_retry`` it resumes from its last complete message and the prompt is
    not new."""

    turn: int
    prompt: str
    attachments: tuple[Attachment, ...] = ()
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class TurnSteered:
    """The user added a prompt to a running turn; the next request contains it."""

    prompt: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class StepStarted:
    """One request to the model goes out; ``step`` counts from 1 in its turn."""

    step: int
    model: str


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """The request is sent and the server has not answered yet: it loads the model or is busy."""

    model: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's thinking: a delta, never a total."""

    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer: a delta, never a total."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallRequested:
    """The model asked for a call. ``subject`` is its path or command in one line, for a screen."""

    call: ToolCall
    subject: str


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    request: ApprovalRequest


@dataclass(frozen=True, slots=True)
class ApprovalResolved:
    request_id: str
    call_id: str
    decision: ApprovalDecision


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    call_id: str


@dataclass(frozen=True, slots=True)
class ToolOutputDelta:
    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallFinished:
    call_id: str
    result: ToolResult


@dataclass(frozen=True, slots=True)
class UsageUpdated:
    usage: Usage


@dataclass(frozen=True, slots=True)
class StepFinished:
    """The complete assistant message of a step, also when a cancel or a fault cut it short."""

    message: AssistantMessage
    model: str


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """A request failed and goes out again after ``delay_s`` seconds; ``attempt`` counts from 1."""

    attempt: int
    delay_s: float
    error: VtcodeError


@dataclass(frozen=True, slots=True)
class ContextCompacted:
    """Older messages were replaced by ``summary``; token counts before and after."""

    summary: str
    tokens_before: int
    tokens_after: int


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """Something the user should know that is not an error of the turn."""

    level: NoticeLevel
    text: str


@dataclass(frozen=True, slots=True)
class UserCommandStarted:
    """The user runs a command, between turns."""

    command_id: str
    command: str


@dataclass(frozen=True, slots=True)
class UserCommandOutput:
    command_id: str
    text: str


@dataclass(frozen=True, slots=True)
class UserCommandFinished:
    command_id: str
    result: ToolResult


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """Always the last event of a turn. ``error`` is set exactly when ``end`` is FAILED."""

    end: TurnEnd
    duration_s: float
    error: VtcodeError | None = None


Event: TypeAlias = (
    TurnStarted
    | TurnSteered
    | StepStarted
    | ModelLoading
    | ReasoningDelta
    | TextDelta
    | ToolCallRequested
    | ApprovalRequested
    | ApprovalResolved
    | ToolCallStarted
    | ToolOutputDelta
    | ToolCallFinished
    | UsageUpdated
    | StepFinished
    | RetryScheduled
    | ContextCompacted
    | NoticeRaised
    | UserCommandStarted
    | UserCommandOutput
    | UserCommandFinished
    | TurnFinished
)
