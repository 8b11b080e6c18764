"""What the tools share: running in threads, error results, grant keys."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import FileChanged, WorkspaceError
from vtcode_tui.tools.base import PreparedCall, ToolInputError, grant_key
from vtcode_tui.workspace.files import digest, write_atomic
from vtcode_tui.workspace.findings import ANYWHERE, Within
from vtcode_tui.workspace.gate import Place
from vtcode_tui.workspace.undo import UndoLog

_T = TypeVar("_T")


async def prepared(work: Callable[[ToolCall], PreparedCall], call: ToolCall) -> PreparedCall:
    """Run ``work`` in a thread; path errors become a ToolInputError for the model."""
    try:
        return await asyncio.to_thread(work, call)
    except WorkspaceError as error:
        raise ToolInputError(error.what, why=error.why, advice=error.advice) from error
    except OSError as error:  # Such as a name that is longer than any file's.
        raise ToolInputError(
            "This path cannot be used.", why=f"{error.strerror or error}."
        ) from error


async def finished(
    clock: Callable[[], float], work: Callable[[], Awaitable[ToolResult]]
) -> ToolResult:
    """The result of ``work`` with its duration; every failure except FileChanged becomes a result."""
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
    """Run ``work`` in a thread; a cancellation waits until it has finished, so that no write is
    left behind."""
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


def failure(text: str, summary: str = "failed") -> ToolResult:
    return ToolResult(Outcome.FAILED, text, TextDisplay(text), summary)


EXACT = "sha256:"
"""Begins the part of a grant key that stands for all arguments of a call."""


def place_key(tool_name: str, place: Place) -> str:
    """The grant key of a call on one place; a grant for one caution does not cover another."""
    return grant_key(tool_name, str(place.path), *filter(None, [place.caution]))


def change_key(call: ToolCall, place: Place) -> str:
    """The grant key of one exact change of a file: the user has not seen any other."""
    exact = hashlib.sha256(call.canonical_arguments().encode("utf-8", "surrogatepass")).hexdigest()
    return grant_key(call.name, str(place.path), *filter(None, [place.caution]), f"{EXACT}{exact}")


def within(place: Place) -> Within:
    """What a search of the place leaves out; a place outside the workspace must still be the one
    that was shown."""
    check = place.check_opened if place.is_outside else ANYWHERE.check
    return Within(place.excluded, check)


def replace_file(place: Place, current: bytes | None, content: bytes, undo: UndoLog | None) -> None:
    """Replace the content ``current`` of the file (None: no file) by ``content``.

    Raises FileChanged if the file no longer has that content.
    """
    if undo is not None:
        undo.record(place.path, current, content)
    write_atomic(
        place.root,
        place.path,
        content,
        digest(current),
        may_have_other_names=place.has_other_names,
    )
