"""What a listing or a search is asked for and what it gives. Frozen values.

Paths count from the workspace's root, have forward slashes, and may hold lone surrogates for bytes
that are no UTF-8.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from vtcode_tui.workspace.globs import Glob
from vtcode_tui.workspace.names import is_git_metadata

MAX_LINE_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """At most this many results, in at most this many seconds."""

    results: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Listing:
    """``is_complete`` is false where a limit cut it; ``note`` says how it was made, if unusual."""

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
    """Turns paths below ``base`` into paths from the root, and leaves out what is not wanted."""

    base: tuple[str, ...]
    glob: Glob | None

    def path_of(self, raw: bytes) -> str | None:
        local = os.fsdecode(raw.removeprefix(b"./"))
        return self.full_path(local) if local else None

    def full_path(self, local: str) -> str | None:
        path = "/".join((*self.base, local))
        if is_git_metadata(tuple(local.split("/"))):
            return None
        if self.glob is None or self.glob.matches(local) or self.glob.matches(path):
            return path
        return None
