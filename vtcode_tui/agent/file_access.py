"""File access of an agent: the gate, undo, and the watch on what commands change. One object for
the whole program run, also before there is an agent."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.paths import home_dir, user_config_dir
from vtcode_tui.conversation.events import NoticeLevel, NoticeRaised
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, PreparedCall, argument_text
from vtcode_tui.workspace.files import read_bytes
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.lent_files import sweep_lent
from vtcode_tui.workspace.names import is_secret_path
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.temporary import sweep
from vtcode_tui.workspace.undo import UndoLog
from vtcode_tui.workspace.watching import FileChange, Snapshot, compare, take_snapshot

_SHOWN_CHANGES = 10
_LOOKED_AT = 8192
_MOST_SECRET_FILES = 100
_WORD = re.compile(r"[^\s;|&<>()'\"=`]+")


def open_file_access(launch: Launch, secrets: KnownSecrets) -> FileAccess:
    """Open the workspace and the directories added on the command line, and remove what killed
    writes left behind. Blocking. Raises WorkspaceError."""
    environ = launch.environ
    own = (user_config_dir(environ, sys.platform), launch.state_dir)
    gate = Gate(Workspace(launch.workspace), homes=[home_dir(environ)], own=own)
    for directory in launch.added_directories:
        gate.add_directory(directory)
    files = FileAccess(gate, UndoLog(launch.state_dir, gate.workspace, gate.root_of), secrets)
    files.sweep()
    sweep_lent(launch.state_dir, launch.time().timestamp())
    return files


@dataclass(frozen=True, slots=True)
class FileAccess:
    """``gate`` judges every path, ``undo`` keeps overwritten contents, ``secrets`` are the known
    secret values."""

    gate: Gate
    undo: UndoLog
    secrets: KnownSecrets

    def sweep(self) -> int:
        """Remove temporary files that killed writes left behind; return how many. Blocking."""
        removed = 0
        for directory in {*self.gate.roots, *self.undo.written_directories()}:
            root = self.gate.root_of(directory)
            if root is not None:
                removed += sweep(root, [root.names(directory)])
        return removed

    @contextlib.asynccontextmanager
    async def watched(self, prepared: PreparedCall, emit: Emitter) -> AsyncIterator[None]:
        """While a call runs, watch protected files; report changes even if the call is cancelled."""
        before = await self._snapshot() if prepared.effect is Effect.EXECUTE else None
        if before is not None:
            command = argument_text(prepared.call.arguments, "command")
            await asyncio.to_thread(self.learn_secrets, command)
        try:
            yield
        finally:
            if before is not None:
                after = await asyncio.shield(asyncio.ensure_future(self._snapshot()))
                _announce(compare(before, after), self.gate.workspace.root, emit)
            for notice in self.undo.take_notices():
                emit(NoticeRaised(NoticeLevel.WARNING, notice))

    def learn_secrets(self, command: str) -> None:
        """Learn the secrets in files that a command may print: those at the top of the workspace, and
        those it names. Blocking."""
        names = [path.name for path in self.gate.workspace.root.glob(".env*")]
        words = dict.fromkeys(_WORD.findall(command[:_LOOKED_AT]))
        names += [word for word in words if is_secret_path(tuple(word.split("/")))]
        for name in names[:_MOST_SECRET_FILES]:
            with contextlib.suppress(OSError, WorkspaceError):
                place = self.gate.to_read(name)
                if place.holds_secrets and not place.is_outside:
                    content = read_bytes(place.root, place.path, check=place.check_opened)
                    self.secrets.learn(content.decode(errors="replace"))

    async def _snapshot(self) -> Snapshot:
        return await asyncio.to_thread(take_snapshot, self.gate.roots)


def _announce(changes: Sequence[FileChange], root: Path, emit: Emitter) -> None:
    if not changes:
        return
    names = [
        f"{change.path.relative_to(root) if change.path.is_relative_to(root) else change.path}"
        f" ({change.what})"
        for change in changes[:_SHOWN_CHANGES]
    ]
    more = f" and {len(changes) - _SHOWN_CHANGES} more" if len(changes) > _SHOWN_CHANGES else ""
    emit(
        NoticeRaised(
            NoticeLevel.WARNING,
            f"The command changed files that change what tools may do: {', '.join(names)}{more}."
            " The settings of this run stay as they are; look at the files before you go on.",
        )
    )
