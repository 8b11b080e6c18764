"""The change of one file: shown as a difference before it is made, and made only as it was shown."""

from __future__ import annotations

from dataclasses import dataclass

from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import (
    DiffDisplay,
    FileDiff,
    Outcome,
    ToolResult,
    change_counts,
)
from vtcode_tui.tools.base import Effect, OutputSink, PreparedCall
from vtcode_tui.tools.calls import change_key, finished, replace_file, to_the_end
from vtcode_tui.tools.context import ToolContext
from vtcode_tui.workspace.gate import Place


@dataclass(frozen=True, slots=True)
class FileChange:
    """``call`` makes ``content`` of the file that held ``current``; None is no file."""

    call: ToolCall
    place: Place
    current: bytes | None
    content: bytes
    diff: FileDiff


def prepared_change(
    change: FileChange, context: ToolContext, *, action: str, told: str
) -> PreparedCall:
    """The call that makes ``change``; ``told`` is what the model hears when it is made."""
    place = change.place
    display = DiffDisplay(change.diff)
    summary = change_counts(change.diff.added, change.diff.removed)
    done = ToolResult(Outcome.OK, told, display, summary)

    def write() -> ToolResult:
        replace_file(place, change.current, change.content, context.undo)
        return done

    async def execute(_: OutputSink) -> ToolResult:
        return await finished(context.clock, lambda: to_the_end(write))

    return PreparedCall(
        call=change.call,
        effect=Effect.WRITE,
        subject=place.name,
        action=action,
        preview=display,
        cwd=str(context.workspace.root),
        grant_key=change_key(change.call, place),
        session_scope="this exact change of this file",
        execute=execute,
        caution=place.caution,
        may_grant=place.may_grant,
    )
