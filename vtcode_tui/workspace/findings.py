"""Parameters and results of listings and searches.

Paths are relative to the workspace's root, with forward slashes, and may contain lone surrogates
for bytes that are not UTF-8.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.workspace.globs import Glob
from vtcode_tui.workspace.names import is_git_metadata
from vtcode_tui.workspace.root import Workspace

MAX_LINE_CHARACTERS = 2000

_BY_TOOLS = (
    "__pycache__ node_modules .venv venv .tox .nox .mypy_cache .pytest_cache .ruff_cache"
    " .hypothesis .hg .svn .gradle .terraform .next .nuxt .parcel-cache"
)
MADE_BY_TOOLS = frozenset(_BY_TOOLS.split())
"""Directories of caches and installed packages, which nobody looks for, also where no .gitignore
names them."""

Excluded: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """The maximum number of results and seconds."""

    results: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Listing:
    """``is_complete`` is false if a limit cut it; ``note`` says how it was made, if unusual."""

    paths: tuple[str, ...]
    is_complete: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    path: str
    line_number: int
    text: str


@dataclass(frozen=True, slots=True)
class Matches:
    """See Listing. ``skipped_secrets`` counts matches in files that usually hold secrets."""

    matches: tuple[Match, ...]
    is_complete: bool
    note: str = ""
    skipped_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Turns paths below ``base`` into paths as they are shown, and leaves out what is not wanted.

    ``prefix`` stands before each path of a foreign root; ``excluded`` are the ways from ``base`` to
    what no tool may look into; ``skipped`` are names of directories that are not looked into at
    any depth below ``base``.
    """

    base: tuple[str, ...]
    glob: Glob | None
    prefix: str = ""
    excluded: Excluded = ()
    skipped: frozenset[str] = frozenset()

    def path_of(self, raw: bytes) -> str | None:
        local = os.fsdecode(raw.removeprefix(b"./"))
        return self.full_path(local) if local else None

    def full_path(self, local: str) -> str | None:
        path = "/".join((*self.base, local))
        names = tuple(local.split("/"))
        if is_git_metadata(names) or self.excludes(names) or self.skips(names[:-1]):
            return None
        if self.glob is None or self.glob.matches(local) or self.glob.matches(path):
            return self.prefix + path
        return None

    def excludes(self, names: tuple[str, ...]) -> bool:
        """Whether the path of these names from ``base`` is, or lies in, what is excluded."""
        return any(names[: len(way)] == way for way in self.excluded)

    def skips(self, names: tuple[str, ...]) -> bool:
        """Whether the directory of these names from ``base`` is, or lies in, one that is skipped."""
        return not self.skipped.isdisjoint(names)


def _any_file(_: int) -> None:
    """Lets every opened file pass."""


@dataclass(frozen=True, slots=True)
class Within:
    """What is more to know of the place that is looked at: the ways from it to what is left out,
    and a check of the descriptor that it is opened with, which raises where it is another."""

    excluded: Excluded = ()
    check: Callable[[int], None] = _any_file

    def wanted(self, workspace: Workspace, directory: Path, glob: Glob | None) -> Wanted:
        """What ``directory`` is asked for. A glob that names one of the skipped looks into it."""
        skipped = frozenset(name for name in MADE_BY_TOOLS if glob is None or name not in glob.text)
        return Wanted(workspace.names(directory), glob, workspace.prefix, self.excluded, skipped)


ANYWHERE = Within()
