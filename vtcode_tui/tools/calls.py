"""What the tools share: preparing and finishing a call in threads, results for failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import FileChanged, WorkspaceError
from vtcode_tui.tools.base import PreparedCall, ToolInputError
from vtcode_tui.workspace.files import refuse_write
from vtcode_tui.workspace.names import is_git_metadata
from vtcode_tui.workspace.root import Workspace

_T = TypeVar("_T")


async def prepared(work: Callable[[ToolCall], PreparedCall], call: ToolCall) -> PreparedCall:
    """``work`` done in a thread, its WorkspaceError as the ToolInputError for the model."""
    try:
        return await asyncio.to_thread(work, call)
    except WorkspaceError as error:
        raise ToolInputError(error.what, why=error.why, advice=error.advice) from error


async def finished(
    clock: Callable[[], float], work: Callable[[], Awaitable[ToolResult]]
) -> ToolResult:
    """The result of ``work`` with its duration; every failure but FileChanged is a result."""
    started = clock()
    try:
        result = await work()
    except FileChanged:
        raise
    except WorkspaceError as error:
        result = failure(str(error))
    except OSError as error:
        result = failure(f"It failed: {error.strerror or error}.")
    return replace(result, duration_s=clock() - started)


async def to_the_end(work: Callable[[], _T]) -> _T:
    """``work`` in a thread. A cancellation waits until it is done: a write is never left behind."""
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


def failure(text: str, summary: str = "failed") -> ToolResult:
    return ToolResult(Outcome.FAILED, text, TextDisplay(text), summary)


def writable_path(workspace: Workspace, path: str) -> Path:
    """``path`` for a tool that writes; both the name asked for and what it leads to are judged."""
    resolved = workspace.resolve(path)
    if path.endswith("/"):
        raise WorkspaceError(f'"{path}" names a directory, not a file.')
    if is_git_metadata(tuple(path.split("/"))):
        raise WorkspaceError(
            f'"{path}" is git\'s own; file tools never write there.', advice="Use git commands."
        )
    refuse_write(workspace, resolved)
    return resolved


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """``1 line``, ``1,234 lines``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def change_summary(added: int, removed: int) -> str:
    """``+3 −1``."""
    return f"+{added:,} −{removed:,}"
