"""Resolves a path like the kernel and reports every intermediate path.

A harmless name can lead to a special file, and a special name to a harmless file, so all of them
are judged.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.errors import WorkspaceError

_MAX_LINKS = 40
_MAX_GIT_FILE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Trail:
    """``asked`` holds the path as given and after each link; ``target`` is the last one, absolute
    and without links. Nothing need exist."""

    asked: tuple[Path, ...]
    target: Path

    @property
    def paths(self) -> tuple[Path, ...]:
        return (*self.asked, self.target)


def follow(path: str, base: Path) -> Trail:
    """The trail of ``path``, relative to ``base``.

    Raises WorkspaceError for a loop of links. A name that cannot be inspected counts as no link:
    opening the target follows none.
    """
    asked = [_normal(base / path)]
    current = "/"
    pending = list(reversed((base / path).parts[1:] if path else ()))
    links = 0
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        if name == "..":
            current = os.path.dirname(current)  # noqa: PTH120 (text, one component at a time)
            continue
        candidate = f"{current.rstrip('/')}/{name}"
        link = _link_target(candidate)
        if link is None:
            current = candidate
            continue
        links += 1
        if links > _MAX_LINKS:
            raise WorkspaceError(f'"{path}" is a loop of symbolic links.')
        asked.append(_normal(Path(candidate, *reversed(pending))))
        if link.startswith("/"):
            current = "/"
        pending.extend(reversed(link.split("/")))
        asked.append(_normal(Path(current, *reversed(pending))))
    return Trail(tuple(dict.fromkeys(asked)), Path(current))


def aliases(target: Path, roots: Sequence[Path]) -> tuple[Path, ...]:
    """The other paths that lead to ``target`` through a link at the top of one of ``roots``.

    So a change of docs/rules.md is recognised as one of AGENTS.md if that is a link to it.
    """
    found: list[Path] = []
    for root in roots:
        with contextlib.suppress(OSError), os.scandir(root) as entries:
            for entry in entries:
                real = _leads_to(entry)
                if real is not None and target.is_relative_to(real):
                    found.append(Path(entry.path) / target.relative_to(real))
    return tuple(found)


def _leads_to(entry: os.DirEntry[str]) -> str | None:
    """The target of a link, or of a ``.git`` file that names a directory; else None."""
    if entry.is_symlink():
        return os.path.realpath(entry.path)
    if entry.name != ".git" or not entry.is_file(follow_symlinks=False):
        return None
    with open(entry.path, "rb") as file:  # noqa: PTH123 (an entry of a listing)
        line = os.fsdecode(file.read(_MAX_GIT_FILE_BYTES)).strip()
    if not line.startswith("gitdir: "):
        return None
    place = os.path.join(os.path.dirname(entry.path), line.removeprefix("gitdir: "))  # noqa: PTH118, PTH120
    return os.path.realpath(place)


def _normal(path: Path) -> Path:
    # Two slashes at the beginning are a root of their own to Python, and the same one to a kernel.
    return Path(f"/{os.path.normpath(path).lstrip('/')}")


def _link_target(path: str) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115 (text in, text out)
    except (OSError, ValueError):
        return None
