"""All paths of a workspace and a fuzzy search in them, in short slices.

Gathering blocks and belongs in a thread. A search is an iterator whose steps take milliseconds, so
that an event loop can run one between two frames; each step yields the best results so far.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vtcode_tui.workspace.findings import SearchLimits, Within
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.search import list_paths

MAX_PATHS = 300_000
_LIMITS = SearchLimits(results=MAX_PATHS, timeout_s=30.0)
_PATHS_IN_A_SLICE = 2_000
_LONGEST_QUERY = 100

_Scored: TypeAlias = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class PathIndex:
    """``paths`` has files, and directories with a trailing slash, those near the root first.
    ``is_complete`` is false if a limit cut it."""

    paths: tuple[str, ...] = ()
    is_complete: bool = True

    def search(self, query: str, limit: int) -> Iterator[tuple[str, ...]]:
        """The best ``limit`` paths so far, after each slice; the last ones are the result.

        Case is ignored. The beginning of a name counts more than its inside, a name more than its
        directory, and scattered letters count only if nothing else is found.
        """
        query = query[:_LONGEST_QUERY].lower()
        if not query:
            yield self.paths[:limit]
            return
        best: list[_Scored] = []
        for part in self._slices():
            best = sorted([*best, *_containing(part, query)])[:limit]
            yield tuple(path for _, _, path in best)
        if len(best) == limit or len(query) == 1:
            return
        known = {path for _, _, path in best}
        pattern = _in_order(query)
        for part in self._slices():
            found = [each for each in _scattered(part, pattern) if each[2] not in known]
            best = sorted([*best, *found])[:limit]
            yield tuple(path for _, _, path in best)

    def _slices(self) -> Iterator[Sequence[str]]:
        for start in range(0, len(self.paths), _PATHS_IN_A_SLICE):
            yield self.paths[start : start + _PATHS_IN_A_SLICE]


def gather_paths(gate: Gate, environment: Mapping[str, str]) -> PathIndex:
    """The workspace's files that .gitignore does not exclude, and their directories.

    Blocks. Raises WorkspaceError.
    """
    place = gate.to_read(".")
    listing = asyncio.run(
        list_paths(
            place.root,
            place.path,
            None,
            environment=environment,
            limits=_LIMITS,
            within=Within(place.excluded, place.check_opened),
        )
    )
    return PathIndex(_near_first(listing.paths), listing.is_complete)


def _near_first(files: Iterable[str]) -> tuple[str, ...]:
    """Files with their directories by depth, in their given order within a depth."""
    by_depth: dict[int, list[str]] = {}
    seen: set[str] = set()
    for path in files:
        if not path.isprintable():
            continue  # Such a path cannot be typed, and the gate refuses it.
        directory = path.rpartition("/")[0]
        while directory and directory not in seen:
            seen.add(directory)
            by_depth.setdefault(directory.count("/"), []).append(f"{directory}/")
            directory = directory.rpartition("/")[0]
        by_depth.setdefault(path.count("/"), []).append(path)
    return tuple(path for depth in sorted(by_depth) for path in by_depth[depth])


def _containing(paths: Sequence[str], query: str) -> list[_Scored]:
    """The paths that contain ``query``, with their scores."""
    text = "\n".join(paths).lower()
    if query not in text:
        return []
    lowered = text.split("\n")
    if len(lowered) != len(paths):
        return []
    is_name = query.rstrip("/") and "/" not in query.rstrip("/")
    grade = _grade_of_name if is_name else _grade_of_path
    return [
        (grade(lower, query), len(path), path)
        for lower, path in zip(lowered, paths, strict=True)
        if query in lower
    ]


def _grade_of_name(path: str, query: str) -> int:
    """Lower is better: the whole name, its beginning, inside it, before it."""
    name = path.rstrip("/").rpartition("/")[2]
    wanted = query.rstrip("/")
    at = name.find(wanted)
    if at < 0:
        return 4
    if at == 0:
        return 0 if name[len(wanted) : len(wanted) + 1] in ("", ".") else 1
    return 2 if not name[at - 1].isalnum() else 3


def _grade_of_path(path: str, query: str) -> int:
    at = path.find(query)
    if at == 0:
        return 0
    return 2 if path[at - 1] == "/" else 4


def _in_order(query: str) -> re.Pattern[str]:
    """The lines that contain the letters of ``query`` in order."""
    letters = [f"[^{re.escape(letter)}\n]*+{re.escape(letter)}" for letter in query]
    return re.compile(f"^{''.join(letters)}.*$", re.MULTILINE)


def _scattered(paths: Sequence[str], pattern: re.Pattern[str]) -> list[_Scored]:
    text = "\n".join(paths).lower()
    found: list[_Scored] = []
    at = line = 0
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        name = match.group().rstrip("/").rpartition("/")[2]
        is_in_name = pattern.match(name) is not None
        found.append((5 if is_in_name else 6, len(paths[line]), paths[line]))
    return found
