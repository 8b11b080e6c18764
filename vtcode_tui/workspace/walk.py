"""Lists and searches a directory without ripgrep. Follows no link. Blocking."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.beneath import directory_beneath
from vtcode_tui.workspace.files import MAX_FILE_BYTES, read_bytes, read_if_exists
from vtcode_tui.workspace.findings import (
    ANYWHERE,
    MAX_LINE_CHARACTERS,
    Listing,
    Match,
    Matches,
    SearchLimits,
    Wanted,
    Within,
)
from vtcode_tui.workspace.globs import Glob, IgnoreRule, ignores, parse_ignore_lines
from vtcode_tui.workspace.names import is_git_metadata, is_secret_path
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.text import decode, without_surrogates

PLAIN_WALK = "ripgrep was not found: this is a plain walk"
PLAIN_SEARCH = f"{PLAIN_WALK}, and the pattern was searched as plain text"
_MAX_DEPTH = 64
_MAX_IGNORE_FILE_BYTES = 256 * 1024
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks of one workspace. Every method ends early when ``stop`` is set.

    ``within`` restricts what is visited.
    """

    workspace: Workspace
    limits: SearchLimits
    within: Within = ANYWHERE

    def list_paths(self, directory: Path, glob: Glob | None, stop: threading.Event) -> Listing:
        """Raises OSError if the directory cannot be opened."""
        wanted = self.within.wanted(self.workspace, directory, glob)
        paths: list[str] = []
        for file in self._files(directory, wanted, stop):
            path = wanted.full_path(file.local_path)
            if path is None:
                continue
            if len(paths) == self.limits.results:
                return Listing(tuple(paths), is_complete=False, note=PLAIN_WALK)
            paths.append(path)
        return Listing(tuple(paths), is_complete=not stop.is_set(), note=PLAIN_WALK)

    def search(
        self, where: Path, pattern: str, glob: Glob | None, stop: threading.Event
    ) -> Matches:
        """The lines that contain ``pattern`` as plain text. Raises OSError, WorkspaceError."""
        found: list[Match] = []
        skipped_secrets = False
        if not where.is_dir():
            content = read_bytes(self.workspace, where, check=self.within.check)
            found += _matching_lines(self.workspace.relative(where), content, pattern)
            return self._matches(found, stop, skipped_secrets=False)
        wanted = self.within.wanted(self.workspace, where, glob)
        for file in self._files(where, wanted, stop):
            path = wanted.full_path(file.local_path)
            if path is None:
                continue
            content = file.read(MAX_FILE_BYTES + 1)
            matches = _matching_lines(path, content, pattern)
            if matches and is_secret_path(tuple(path.split("/"))):
                skipped_secrets = True
                continue
            found += matches
            if len(found) > self.limits.results:
                break
        return self._matches(found, stop, skipped_secrets=skipped_secrets)

    def _matches(
        self, found: list[Match], stop: threading.Event, *, skipped_secrets: bool
    ) -> Matches:
        kept = tuple(found[: self.limits.results])
        is_complete = len(kept) == len(found) and not stop.is_set()
        return Matches(kept, is_complete, PLAIN_SEARCH, skipped_secrets)

    def _files(
        self, directory: Path, wanted: Wanted, stop: threading.Event
    ) -> Iterator[_WalkedFile]:
        """Regular files below ``directory``, without ``.git`` and ignored files."""
        base = self.workspace.names(directory)
        rules = _Rules(self.workspace)
        for depth in range(len(base)):
            rules.load(base[:depth])
        with directory_beneath(self.workspace.root_fd, base) as base_fd:
            self.within.check(base_fd)
            for top, directories, files, directory_fd in os.fwalk(".", dir_fd=base_fd):
                local = tuple(part for part in top.split("/") if part != ".")
                rules.load(base + local)
                directories[:] = sorted(
                    name
                    for name in directories
                    if len(local) < _MAX_DEPTH
                    and not wanted.excludes((*local, name))
                    and not wanted.skips((name,))
                    and rules.keep((*base, *local, name), is_directory=True)
                )
                for name in sorted(files):
                    if stop.is_set():
                        return
                    is_kept = rules.keep((*base, *local, name), is_directory=False)
                    if is_kept and _is_regular(name, directory_fd):
                        yield _WalkedFile("/".join((*local, name)), name, directory_fd)


@dataclass(frozen=True, slots=True)
class _WalkedFile:
    """A regular file; ``directory`` is open only until the walk continues."""

    local_path: str
    name: str
    directory: int

    def read(self, max_bytes: int) -> bytes:
        """The first ``max_bytes``, or empty if the file cannot be read."""
        try:
            descriptor = os.open(self.name, _OPEN_FLAGS, dir_fd=self.directory)
        except OSError:
            return b""
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return b""
            with contextlib.suppress(OSError):
                return file.read(max_bytes)
        return b""


def _matching_lines(path: str, content: bytes, pattern: str) -> list[Match]:
    decoded = decode(content)
    if decoded is None or len(content) > MAX_FILE_BYTES or pattern not in decoded.text:
        return []
    return [
        Match(path, number, without_surrogates(line[:MAX_LINE_CHARACTERS].rstrip("\r")))
        for number, line in enumerate(decoded.text.split("\n"), start=1)
        if pattern in line
    ]


class _Rules:
    """The .gitignore rules of the directories entered so far."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_directory: dict[tuple[str, ...], tuple[IgnoreRule, ...]] = {}

    def load(self, directory: tuple[str, ...]) -> None:
        path = self._workspace.root.joinpath(*directory, ".gitignore")
        try:
            content = read_if_exists(self._workspace, path, max_bytes=_MAX_IGNORE_FILE_BYTES)
        except WorkspaceError:
            return
        if content:
            text = content.decode("utf-8", "replace")
            self._by_directory[directory] = parse_ignore_lines(text)

    def keep(self, names: tuple[str, ...], *, is_directory: bool) -> bool:
        if is_git_metadata(names[-1:]):
            return False
        for depth in range(len(names) - 1, -1, -1):
            rules = self._by_directory.get(names[:depth], ())
            verdict = ignores(rules, names[depth:], is_directory=is_directory)
            if verdict is not None:
                return not verdict
        return True


def _is_regular(name: str, directory: int) -> bool:
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)
    except OSError:
        return False
