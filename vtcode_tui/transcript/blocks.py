"""The blocks of a transcript: what a screen shows, without a screen.

Blocks are the reducer's state and grow while events arrive; readers must not change them. Times are
seconds of the caller's clock, or None if the caller gave none, as in a replay.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from vtcode_tui.conversation.approvals import ApprovalRequest
from vtcode_tui.conversation.events import NoticeLevel, TurnEnd
from vtcode_tui.conversation.prompts import Attachment
from vtcode_tui.conversation.results import ToolResult
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.transcript.text import TextBuffer, TextTail

if TYPE_CHECKING:
    from vtcode_tui.transcript.markdown import MarkdownStream


PLAN_TOOL = "update_plan"
"""The tool whose calls show the model's plan: the last one that succeeded is the plan."""


def _new_stream() -> MarkdownStream:
    """The module is imported with the first answer: the first screen does without it."""
    from vtcode_tui.transcript.markdown import MarkdownStream

    return MarkdownStream()


class ToolState(StrEnum):
    """The state of a tool call. The final ones are named like the outcomes of a result."""

    REQUESTED = "requested"
    WAITING = "waiting"
    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    DENIED = "denied"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class PromptBlock:
    """The user's prompt as typed, and its attachments."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True, eq=False)
class ThinkingBlock:
    """Consecutive thinking. ``ended`` is False while the model is still thinking."""

    started_s: float | None
    text: TextBuffer = field(default_factory=TextBuffer)
    ended: bool = False
    duration_s: float | None = None
    word_count: int = 0


@dataclass(slots=True, eq=False)
class AnswerBlock:
    """Consecutive answer text. ``markdown`` holds it divided into finished pieces and an open tail."""

    text: TextBuffer = field(default_factory=TextBuffer)
    markdown: MarkdownStream = field(default_factory=_new_stream)
    ended: bool = False
    _cursor: int = 0
    _waiting: str = ""
    _fed: int = 0

    def advance(self, most: int = 4_096) -> bool:
        """Feed up to ``most`` new characters to ``markdown``; return whether it has everything."""
        if self._fed >= len(self._waiting):
            self._waiting, self._cursor = self.text.take(self._cursor)
            self._fed = 0
        part = self._waiting[self._fed : self._fed + most]
        self._fed += len(part)
        if part:
            self.markdown.append(part)
        if self._fed < len(self._waiting) or self.text.has_more(self._cursor):
            return False
        if self.ended:
            self.markdown.finish()
        return True


@dataclass(slots=True, eq=False)
class ToolCallBlock:
    """One tool call from its request to its result. ``output`` is what it has printed.

    ``is_users`` marks a command that the user ran. ``is_superseded`` marks a plan that was replaced
    by a newer one.
    """

    call_id: str
    name: str
    subject: str
    state: ToolState = ToolState.REQUESTED
    output: TextTail = field(default_factory=TextTail)
    request: ApprovalRequest | None = None
    result: ToolResult | None = None
    started_s: float | None = None
    duration_s: float | None = None
    is_users: bool = False
    is_superseded: bool = False

    @property
    def is_plan(self) -> bool:
        """Whether the block is a valid plan of the model's."""
        return self.name == PLAN_TOOL and self.state is ToolState.OK

    @property
    def is_finished(self) -> bool:
        return self.state not in (ToolState.REQUESTED, ToolState.WAITING, ToolState.RUNNING)


@dataclass(slots=True, eq=False)
class NoticeBlock:
    """Something the user should know that is not an error."""

    level: NoticeLevel
    text: str


@dataclass(slots=True, eq=False)
class ErrorBlock:
    """Why a turn failed: what happened, why, and what to do now."""

    what: str
    why: str = ""
    advice: str = ""


@dataclass(slots=True, eq=False)
class TurnEndBlock:
    """A turn that did not end by the model's own stop."""

    end: TurnEnd


Block: TypeAlias = (
    PromptBlock
    | ThinkingBlock
    | AnswerBlock
    | ToolCallBlock
    | NoticeBlock
    | ErrorBlock
    | TurnEndBlock
)
