"""File mentions in a prompt (``@path``): finds them, and completes paths."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from vtcode_tui.errors import VtcodeError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.tui.completion import Completion, Location, Offer

if TYPE_CHECKING:
    from vtcode_tui.workspace.path_index import PathIndex

_MENTION = re.compile(r'(?<![^\s(])@(?:"([^"\n]+)"|([^\s"]+))')
_INCOMPLETE_MENTION = re.compile(r'(?<![^\s(])@(?:"([^"\n]*)|([^\s"]*))$')
MOST_MENTIONS = 20
"""The most mentions of a prompt that are attached."""
_TRAILING_PUNCTUATION = ".,;:!?)"
_ROWS = 50
_SEARCH_SLICE_S = 0.008
_INDEX_MAX_AGE_S = 10.0


@dataclass(frozen=True, slots=True)
class Mention:
    """``path`` from ``start`` to ``end``, including the ``@``."""

    path: str
    start: int
    end: int

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that may be meant: with and without trailing punctuation."""
        bare = self.path.rstrip(_TRAILING_PUNCTUATION)
        return (self.path,) if bare in ("", self.path) else (self.path, bare)


def mentions_in(text: str, most: int = MOST_MENTIONS) -> tuple[Mention, ...]:
    """The first mentions in a prompt, whether or not the files exist."""
    if "@" not in text:
        return ()
    found = islice(_MENTION.finditer(text), most)
    return tuple(Mention(match[1] or match[2], *match.span()) for match in found)


def written(path: str) -> str:
    """The mention of ``path``, quoted if it has blanks."""
    return f'@"{path}"' if re.search(r"\s", path) else f"@{path}"


class MentionCompleter:
    """Completes the path of the mention before the cursor.

    ``gather`` returns all paths, from a thread; ``spawn`` runs a task; ``changed`` is called when
    there are more results.
    """

    def __init__(
        self,
        gather: Callable[[], Awaitable[PathIndex]],
        spawn: Callable[[Coroutine[None, None, None]], object],
        changed: Callable[[], None],
    ) -> None:
        self._gather = gather
        self._spawn = spawn
        self._changed = changed
        self._index: PathIndex | None = None
        self._index_read_at_s = float("-inf")
        self._is_gathering = False
        self._query: str | None = None
        self._found: tuple[str, ...] = ()

    def __call__(self, text: str, cursor: Location) -> Offer | None:
        row, column = cursor
        line = text.split("\n", row + 1)[row] if "\n" in text else text
        match = _INCOMPLETE_MENTION.search(line[:column])
        if match is None:
            return None
        self._refresh()
        query = match[1] if match[1] is not None else match[2]
        rows = tuple(_row(path, query) for path in self._results(query))
        note = "" if self._index is not None else "reading the folder"
        if self._index is not None and not self._index.is_complete:
            note = f"only the first {len(self._index.paths):,} files are searched"
        return Offer((row, match.start()), cursor, rows, note)

    def _results(self, query: str) -> tuple[str, ...]:
        """The best results after a few milliseconds; the search continues in the background."""
        if self._index is None:
            self._query = None
            return ()
        if query != self._query:
            self._query, self._found = query, ()
            steps = self._index.search(query, _ROWS)
            end = time.perf_counter() + _SEARCH_SLICE_S
            for self._found in steps:
                if time.perf_counter() > end:
                    self._spawn(self._finish(query, steps))
                    break
        return self._found

    async def _finish(self, query: str, steps: Iterator[tuple[str, ...]]) -> None:
        before, found = self._found, self._found
        for found in steps:
            await asyncio.sleep(0)
            if query != self._query:
                return
            if found and not before:
                self._found = before = found
                self._changed()
        if found != before:
            self._found = found
            self._changed()

    def _refresh(self) -> None:
        if self._is_gathering or time.perf_counter() - self._index_read_at_s < _INDEX_MAX_AGE_S:
            return
        self._is_gathering = True
        self._spawn(self._read())

    async def _read(self) -> None:
        had_none = self._index is None
        try:
            self._index = await self._gather()
        except VtcodeError:
            return  # Without an index, typing continues without completion.
        finally:
            self._is_gathering = False
            self._index_read_at_s = time.perf_counter()
        if had_none:
            self._changed()


def _row(path: str, query: str) -> Completion:
    is_directory = path.endswith("/")
    directory, _, name = path.rstrip("/").rpartition("/")
    value = written(path)
    # Nothing is left to complete, so Enter sends the prompt.
    is_whole = path == query and not is_directory
    return Completion(
        value=value if is_directory or is_whole else f"{value} ",
        label=f"{name}/" if is_directory else name,
        detail=directory,
        sends=is_whole,
    )
