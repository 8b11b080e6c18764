"""What the tools that work on one file or directory share: checking in a thread, and a call that reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import TextDisplay, ToolResult
from vtcode_tui.tools.base import Effect, OutputSink, PreparedCall, argument_text, one_line
from vtcode_tui.tools.calls import finished, place_key, prepared
from vtcode_tui.tools.context import ToolContext
from vtcode_tui.workspace.gate import Place


class FileTool(ABC):
    """A tool whose subject is its argument ``path``."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context

    def subject(self, arguments: JsonObject) -> str:
        return one_line(argument_text(arguments, "path"))

    async def prepare(self, call: ToolCall) -> PreparedCall:
        return await prepared(self._prepare, call)

    @abstractmethod
    def _prepare(self, call: ToolCall) -> PreparedCall:
        """``prepare``, in a thread. Raises WorkspaceError, OSError and ToolInputError."""


def reading_call(
    call: ToolCall,
    place: Place,
    context: ToolContext,
    work: Callable[[], Awaitable[ToolResult]],
    *,
    action: str,
    subject: str,
    preview: str,
) -> PreparedCall:
    """The call that reads ``place`` by ``work``; an approval for the session covers its path."""

    async def execute(_: OutputSink) -> ToolResult:
        return await finished(context.clock, work)

    return PreparedCall(
        call=call,
        effect=Effect.READ,
        subject=subject,
        action=action,
        preview=TextDisplay(preview),
        cwd=str(context.workspace.root),
        grant_key=place_key(call.name, place),
        session_scope=f"{call.name} on {place.name}",
        execute=execute,
        caution=place.caution,
        may_grant=place.may_grant,
    )
