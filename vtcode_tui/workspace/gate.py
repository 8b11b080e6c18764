"""The gate that every path of every tool passes through.

It resolves the path, judges each name on the way, and returns a Place: the held directory from
which the file is opened, the path to it without links, and the reason to ask the user, if any. A
refused path raises WorkspaceError. Nothing is opened here; what is opened later goes through the
held directory and must be the file that was judged.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.errors import FileChanged, OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace.files import refuse_write
from vtcode_tui.workspace.findings import Excluded
from vtcode_tui.workspace.hard_links import (
    Identity,
    has_other_names,
    identity,
    linked_secrets,
)
from vtcode_tui.workspace.names import (
    is_git_metadata,
    is_secret_path,
    path_trouble,
    windows_trouble,
)
from vtcode_tui.workspace.off_limits import OffLimits
from vtcode_tui.workspace.protected import is_protected
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.trail import aliases, follow

CHANGES_TOOLS = "this file tells programs or models what to do"
HOLDS_SECRETS = "this file usually holds secrets"
HAS_OTHER_NAMES = "this file has other names (hard links), which change with it"


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory that may be used; it need not exist.

    ``path`` is absolute and lies in ``root``; ``name`` is for display. ``caution`` is the rule that
    asks the user whatever the policy, or empty; without ``may_grant`` it asks every time.
    ``identity`` is the device and inode of what was judged, None if nothing existed. ``excluded``
    are paths below it that a search must leave out.
    """

    root: Workspace
    path: Path
    name: str
    caution: str = ""
    may_grant: bool = True
    is_outside: bool = False
    holds_secrets: bool = False
    has_other_names: bool = False
    identity: tuple[int, int] | None = None
    excluded: Excluded = ()

    def check_opened(self, descriptor: int) -> None:
        """Raise FileChanged if the opened file is not the one that was judged."""
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) != self.identity:
            raise FileChanged(f'"{self.name}" is no longer the file that was asked for.')


class Gate:
    """Judges paths for one workspace and the directories that the user added to it.

    ``homes`` are the user's home directories, ``own`` the directories of this program's own files.
    Safe to use from several threads.
    """

    def __init__(
        self, workspace: Workspace, *, homes: Sequence[Path] = (), own: Sequence[Path] = ()
    ) -> None:
        self.workspace = workspace
        self._off_limits = OffLimits(homes, own)
        self._added: tuple[Workspace, ...] = ()
        self._everything: Workspace | None = None
        self._lock = threading.Lock()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The directories that can be read and written: the workspace, then the added ones."""
        return tuple(root.root for root in self._roots)

    @property
    def _roots(self) -> tuple[Workspace, ...]:
        return (self.workspace, *self._added)

    def off_limits(self) -> tuple[Path, ...]:
        """The places that no tool may use, whether they exist or not."""
        top = Path("/")
        return tuple(top.joinpath(*names) for names in self._off_limits.below(top, self.roots))

    def add_directory(self, directory: Path) -> Path:
        """Let tools use ``directory`` like the workspace; only a user's own action may call this.

        Returns the directory without links. Raises WorkspaceError if it cannot be opened, or if no
        tool may use it.
        """
        added = Workspace(directory, is_foreign=True)
        if self._off_limits.holds(added.root):
            raise WorkspaceError(
                f"{added.root} cannot be added.",
                why="It is off limits to tools: credentials or this program's own files are kept there.",
                advice="Add a directory that holds none, or copy what is needed into the workspace.",
            )
        with self._lock:
            if not any(added.root.is_relative_to(root) for root in self.roots):
                self._added = (*self._added, added)
        return added.root

    def to_read(self, path: str) -> Place:
        """The place at ``path`` for reading. Raises WorkspaceError if it is refused."""
        way = self._follow(path)
        status = _status(way.target)
        is_directory = status is not None and stat.S_ISDIR(status.st_mode)
        is_secret = any(map(is_secret_path, way.names)) and not is_directory
        is_secret = is_secret or self.has_secret_name(status)
        caution = HOLDS_SECRETS if is_secret else ""
        root = self.root_of(way.target)
        if root is None:
            return self._outside(way.target, caution)
        return self._place(root, way.target, caution)

    def to_write(self, path: str) -> Place:
        """The place at ``path`` for writing. Raises WorkspaceError if it is refused."""
        way = self._follow(path)
        if path.endswith("/"):
            raise WorkspaceError(f'"{path}" names a directory, not a file.')
        if any(map(is_git_metadata, way.names)):
            raise WorkspaceError(
                f'"{path}" is git\'s own; file tools never write there.', advice="Use git commands."
            )
        root = self.root_of(way.target)
        if root is None:
            raise OutsideWorkspace(
                f'"{path}" is outside the workspace {self.workspace.root}.',
                why=f"It leads to {way.target}.",
                advice="Use a path relative to the workspace. Only the user can open another"
                " directory for writing, with /add-dir.",
            )
        refuse_write(root, way.target)
        status = _status(way.target)
        cautions = (
            CHANGES_TOOLS if any(map(is_protected, way.names)) else "",
            HAS_OTHER_NAMES if status is not None and status.st_nlink > 1 else "",
            HOLDS_SECRETS if any(map(is_secret_path, way.names)) else "",
        )
        return self._place(root, way.target, *cautions)

    def has_secret_name(self, status: os.stat_result | None) -> bool:
        """Whether a file is a hard link of a secret file."""
        if status is None:
            return False
        return has_other_names(status) and bool(self.linked_secrets({identity(status)}))

    def linked_secrets(self, files: Set[Identity]) -> frozenset[Identity]:
        """Those of ``files`` that are hard links of secret files."""
        return linked_secrets(files, self.roots, self._off_limits.stores)

    def _follow(self, path: str) -> _Way:
        trouble = path_trouble(path) or (windows_trouble(path) if os.name == "nt" else None)
        if trouble is not None:
            raise WorkspaceError(f"This path cannot be used: {trouble}.")
        trail = follow(path, self.workspace.root)
        for step in trail.paths:
            trouble = path_trouble("/".join(self._names(step)) or ".")
            if trouble is not None:
                raise WorkspaceError(f'"{path}" cannot be used: {trouble}.')
            if self._off_limits.holds(step, self.roots):
                raise WorkspaceError(
                    f'"{path}" is off limits: it holds credentials, or belongs to the system or to'
                    " this program.",
                    why="" if step == trail.paths[0] else f"It leads to {step}.",
                    advice="Ask the user for what you need from it.",
                )
        steps = (*trail.paths, *aliases(trail.target, self.roots))
        return _Way(trail.target, tuple(map(self._names, steps)))

    def root_of(self, target: Path) -> Workspace | None:
        """The open directory that contains ``target`` (absolute, without links), or None."""
        return next((root for root in self._roots if target.is_relative_to(root.root)), None)

    def _names(self, path: Path) -> tuple[str, ...]:
        """The names from the workspace, and of a path that is not in it, all of them."""
        if path.is_relative_to(self.workspace.root):
            return self.workspace.names(path)
        return path.parts[1:]

    def _place(self, root: Workspace, target: Path, *cautions: str) -> Place:
        status = _status(target)
        return Place(
            root=root,
            path=target,
            name=root.relative(target),
            caution="; ".join(filter(None, cautions)),
            may_grant=CHANGES_TOOLS not in cautions and HAS_OTHER_NAMES not in cautions,
            holds_secrets=HOLDS_SECRETS in cautions,
            has_other_names=HAS_OTHER_NAMES in cautions,
            identity=_identity(status),
            excluded=self._excluded(target, status),
        )

    def _outside(self, target: Path, caution: str) -> Place:
        status = _status(target)
        if status is not None and not (
            stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        ):
            raise WorkspaceError(f'"{target}" is no regular file.')
        outside = f"this is outside the workspace: {target}"
        return Place(
            root=self._file_system(),
            path=target,
            name=str(target),
            caution=f"{outside}; {caution}" if caution else outside,
            is_outside=True,
            holds_secrets=bool(caution),
            identity=_identity(status),
            excluded=self._excluded(target, status),
        )

    def _excluded(self, target: Path, status: os.stat_result | None) -> Excluded:
        if status is None or not stat.S_ISDIR(status.st_mode):
            return ()
        return self._off_limits.below(target, self.roots)

    def _file_system(self) -> Workspace:
        with self._lock:
            if self._everything is None:
                self._everything = Workspace(Path("/"), is_foreign=True)
            return self._everything


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a path leads, and the names of every path on the way and of its aliases."""

    target: Path
    names: tuple[tuple[str, ...], ...]


def _status(path: Path) -> os.stat_result | None:
    with contextlib.suppress(OSError):
        return path.lstat()
    return None


def _identity(status: os.stat_result | None) -> Identity | None:
    return None if status is None else identity(status)
