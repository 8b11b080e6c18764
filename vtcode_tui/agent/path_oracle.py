"""Answers the command rules' questions about the workspace from the file system. Never raises."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from vtcode_tui.agent.git_objects import kinds_of
from vtcode_tui.permissions.git_files import is_plain_config, tracked_names
from vtcode_tui.permissions.oracle import PathKind
from vtcode_tui.workspace.hard_links import (
    LinkedSecrets,
    has_other_names,
    identity,
    no_linked_secrets,
)
from vtcode_tui.workspace.names import is_git_metadata, is_secret_path, path_trouble

MAX_FILES = 50_000
_LEADS_AWAY = ("commondir", "modules", "objects/info/alternates", "objects/info/http-alternates")
_OWN_PARTS = ("HEAD", "index", "info", "logs", "objects", "objects/pack", "packed-refs", "refs")
_MAX_CONFIG_BYTES = 256 * 1024
_MAX_INDEX_BYTES = 64 * 1024 * 1024


class WorkspaceOracle:
    """Facts about the directory ``root`` at the time of the question; nothing is cached. Blocks."""

    def __init__(self, root: Path, linked_secrets: LinkedSecrets = no_linked_secrets) -> None:
        """``linked_secrets`` tells which files are hard links of secret files."""
        self._root = Path(os.path.realpath(root))
        self._linked_secrets = linked_secrets

    def kind(self, path: str) -> PathKind:
        if path_trouble(path) is not None:
            return PathKind.CLOSED
        try:
            asked = Path(os.path.normpath(self._root / path))
            target = Path(os.path.realpath(self._root / path))
            if not target.is_relative_to(self._root):
                return PathKind.CLOSED
            if self._is_closed(target) or self._is_closed(asked):
                return PathKind.CLOSED
            if not os.path.lexists(self._root / path):
                return PathKind.ABSENT
            status = target.stat()
        except (OSError, ValueError):
            return PathKind.CLOSED
        if stat.S_ISREG(status.st_mode):
            return PathKind.CLOSED if self._are_secret([status]) else PathKind.FILE
        return PathKind.DIRECTORY if stat.S_ISDIR(status.st_mode) else PathKind.CLOSED

    def has_secrets(self, directory: str) -> bool:
        found = self._files_below(Path(os.path.realpath(self._root / directory)))
        if found is None:
            return True
        if any(self._is_secret(path) for path in found):
            return True
        try:
            return self._are_secret([path.lstat() for path in found])
        except OSError:
            return True

    def git_is_plain(self) -> bool:
        """As ``PathOracle`` says, with two more conditions: no submodule, whose files git would
        follow, and no part of the repository outside it, whose contents git would show."""
        metadata = self._root / ".git"
        if any(_is_repository(parent / ".git") for parent in self._root.parents):
            return False
        if not os.path.lexists(metadata):
            return True
        if not _is_directory(metadata):
            return False
        if any(os.path.lexists(metadata / name) for name in _LEADS_AWAY):
            return False
        if any((metadata / name).is_symlink() for name in _OWN_PARTS):
            return False
        config = _read(metadata / "config", _MAX_CONFIG_BYTES)
        if config is None or not is_plain_config(config.decode(errors="replace")):
            return False
        names = self._tracked()
        return names is not None and not any(_is_directory(self._root / name) for name in names)

    def names_commits(self, number: str) -> bool:
        return kinds_of(self._root / ".git", number.lower()) == {"commit"}

    def tracks_secrets(self) -> bool:
        names = self._tracked()
        return names is None or any(is_secret_path(tuple(name.split("/"))) for name in names)

    def _tracked(self) -> tuple[str, ...] | None:
        """The paths that git tracks, or None if that cannot be determined."""
        path = self._root / ".git" / "index"
        if not os.path.lexists(path):
            return ()
        index = _read(path, _MAX_INDEX_BYTES)
        names = None if index is None else tracked_names(index)
        return names if names is not None and len(names) <= MAX_FILES else None

    def _files_below(self, directory: Path) -> list[Path] | None:
        """Every file below a directory, without following links; None if there are too many or one
        cannot be read."""
        troubles: list[OSError] = []
        walk = os.walk(directory, onerror=troubles.append)
        files = (Path(folder) / name for folder, _, names in walk for name in names)
        found = list(islice(files, MAX_FILES + 1))
        return None if troubles or len(found) > MAX_FILES else found

    def _is_secret(self, path: Path) -> bool:
        parts = self._parts(path)
        if parts[-2:] == (".git", "config"):
            config = _read(path, _MAX_CONFIG_BYTES)
            return config is None or not is_plain_config(config.decode(errors="replace"))
        return is_secret_path(parts)

    def _are_secret(self, files: Iterable[os.stat_result]) -> bool:
        """Whether one of ``files`` is a secret under another of its names."""
        linked = {identity(status) for status in files if has_other_names(status)}
        return bool(linked) and bool(self._linked_secrets(linked))

    def _is_closed(self, path: Path) -> bool:
        parts = self._parts(path)
        return is_git_metadata(parts) or any(_leads_to_secret(parts))

    def _parts(self, path: Path) -> tuple[str, ...]:
        return path.relative_to(self._root).parts if path.is_relative_to(self._root) else ()


def _leads_to_secret(parts: tuple[str, ...]) -> Iterable[bool]:
    """For each name on the way, whether it is a secret's."""
    return (is_secret_path(parts[:end]) for end in range(1, len(parts) + 1))


def _is_repository(metadata: Path) -> bool:
    """Git passes by a directory of this name that has no HEAD."""
    return os.path.lexists(metadata / "HEAD") or os.path.isfile(metadata)  # noqa: PTH113 (never raises)


def _is_directory(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _read(path: Path, limit: int) -> bytes | None:
    """The content of a plain file of at most ``limit`` bytes, or None."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        content = file.read(limit + 1)
    return content if len(content) <= limit else None
