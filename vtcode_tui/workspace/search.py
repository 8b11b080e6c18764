"""Lists and searches files with ripgrep, or by a slower walk that says so.

Both leave out ``.git``, what .gitignore names and what ``findings.MADE_BY_TOOLS`` does, follow no
link, and stop at their limits.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.findings import ANYWHERE, Listing, Matches, SearchLimits, Within
from vtcode_tui.workspace.globs import Glob
from vtcode_tui.workspace.hard_links import (
    Identity,
    LinkedSecrets,
    has_other_names,
    identity,
    no_linked_secrets,
)
from vtcode_tui.workspace.ripgrep import InvalidPattern, Ripgrep, find_ripgrep
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.walk import Walk

_T = TypeVar("_T")


async def list_paths(
    workspace: Workspace,
    directory: Path,
    glob: Glob | None,
    *,
    environment: Mapping[str, str],
    limits: SearchLimits,
    within: Within = ANYWHERE,
) -> Listing:
    """The files below ``directory``, by path. Raises WorkspaceError."""
    program = find_ripgrep(environment)
    if program is not None:
        ripgrep = Ripgrep(program, workspace, environment, limits, within)
        return await ripgrep.list_paths(directory, glob)
    walk = Walk(workspace, limits, within)
    return await _in_thread(lambda stop: walk.list_paths(directory, glob, stop), limits.timeout_s)


async def search_lines(
    workspace: Workspace,
    where: Path,
    pattern: str,
    glob: Glob | None,
    *,
    environment: Mapping[str, str],
    limits: SearchLimits,
    within: Within = ANYWHERE,
    linked_secrets: LinkedSecrets = no_linked_secrets,
) -> Matches:
    """The lines below ``where``, a directory or a file, that match a regular expression.

    Below a directory, files that usually hold secrets are left out, also under other names that
    ``linked_secrets`` tells of, and so are binary files and very large ones. A pattern that is no
    regular expression is searched as plain text, and the note says so. Raises WorkspaceError.
    """
    matches = await _lines(workspace, where, pattern, glob, environment, limits, within)
    return await asyncio.to_thread(_without_linked, matches, workspace, linked_secrets)


async def _lines(
    workspace: Workspace,
    where: Path,
    pattern: str,
    glob: Glob | None,
    environment: Mapping[str, str],
    limits: SearchLimits,
    within: Within,
) -> Matches:
    program = find_ripgrep(environment)
    if program is None:
        walk = Walk(workspace, limits, within)
        return await _in_thread(
            lambda stop: walk.search(where, pattern, glob, stop), limits.timeout_s
        )
    ripgrep = Ripgrep(program, workspace, environment, limits, within)
    try:
        return await ripgrep.search(where, pattern, glob)
    except InvalidPattern:
        return await ripgrep.search(where, pattern, glob, as_plain_text=True)


def _without_linked(
    matches: Matches, workspace: Workspace, linked_secrets: LinkedSecrets
) -> Matches:
    linked: dict[str, Identity] = {}
    for path in {match.path for match in matches.matches}:
        with contextlib.suppress(OSError):
            status = (workspace.root / path).lstat()
            if has_other_names(status):
                linked[path] = identity(status)
    if not linked:
        return matches
    known = linked_secrets(set(linked.values()))
    kept = tuple(match for match in matches.matches if linked.get(match.path) not in known)
    if len(kept) == len(matches.matches):
        return matches
    return dataclasses.replace(matches, matches=kept, skipped_secrets=True)


async def _in_thread(work: Callable[[threading.Event], _T], timeout_s: float) -> _T:
    """Run ``work`` in a thread; its event is set at the time limit and on cancellation."""
    stop = threading.Event()
    timer = asyncio.get_running_loop().call_later(timeout_s, stop.set)
    try:
        return await asyncio.to_thread(work, stop)
    except OSError as error:
        raise WorkspaceError(f"The search failed: {error.strerror or error}.") from error
    finally:
        timer.cancel()
        stop.set()
