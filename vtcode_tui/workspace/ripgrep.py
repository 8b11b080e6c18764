"""Runs ripgrep and parses its output.

Its working directory is a held descriptor, so no link can redirect it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vtcode_tui.errors import WorkspaceError
from vtcode_tui.workspace.beneath import directory_beneath
from vtcode_tui.workspace.files import MAX_FILE_BYTES, open_regular
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
from vtcode_tui.workspace.globs import Glob
from vtcode_tui.workspace.names import MAX_PATH_CHARACTERS, is_secret_path
from vtcode_tui.workspace.process import HelperResult, run_helper
from vtcode_tui.workspace.root import Workspace

NOT_A_REGEX = "the pattern is no valid regular expression and was searched as plain text"
_REFUSED = 2
_PLAIN_PATH = re.compile(r"[\w./ -]+")
_COMMON = (
    "--no-config",
    "--no-messages",
    "--hidden",
    "--no-require-git",
    "--null",
    "--sort=path",
    "--color=never",
    "--glob=!.git",
)


def find_ripgrep(environment: Mapping[str, str]) -> str | None:
    """The ``rg`` on the given PATH, else the one installed with this program."""
    found = shutil.which("rg", path=environment.get("PATH", ""))
    return found or shutil.which("rg", path=str(Path(sys.executable).parent))


class InvalidPattern(Exception):
    """The pattern is not a regular expression."""


@dataclass(frozen=True, slots=True)
class Ripgrep:
    """The program, its environment and limits. ``within`` restricts what is searched."""

    program: str
    workspace: Workspace
    environment: Mapping[str, str]
    limits: SearchLimits
    within: Within = ANYWHERE

    async def list_paths(self, directory: Path, glob: Glob | None) -> Listing:
        wanted = self.within.wanted(self.workspace, directory, glob)
        paths: list[str] = []
        records = _Records(b"\0")

        def take(chunk: bytes) -> bool:
            paths.extend(filter(None, map(wanted.path_of, records.split(chunk))))
            return len(paths) <= self.limits.results

        words = [*_COMMON, *_skipping(wanted), "--files", "--"]
        result = await self._in_directory(directory, words, take)
        kept = tuple(paths[: self.limits.results])
        return Listing(kept, is_complete=not result.stopped and len(kept) == len(paths))

    async def search(
        self, where: Path, pattern: str, glob: Glob | None, *, as_plain_text: bool = False
    ) -> Matches:
        """Raises InvalidPattern if the pattern is not a regular expression."""
        options = [
            "--line-number",
            "--no-heading",
            "--with-filename",
            f"--max-columns={MAX_LINE_CHARACTERS}",
            "--max-columns-preview",
            f"--max-filesize={MAX_FILE_BYTES}",
            *(["--fixed-strings"] if as_plain_text else []),
        ]
        words = [*_COMMON, *options, "-e", pattern, "--"]
        if await asyncio.to_thread(where.is_dir):
            wanted = self.within.wanted(self.workspace, where, glob)
            reader = _MatchReader(wanted, self.limits.results)
            skipping = _skipping(wanted)
            result = await self._in_directory(where, [*skipping, *words], reader.take)
        else:
            name = self.workspace.relative(where)
            reader = _MatchReader(Wanted((), None), self.limits.results, only_path=name)
            result = await self._in_file(where, words, reader.take)
        if result.exit_code == _REFUSED and not reader.found and "regex" in result.errors:
            raise InvalidPattern(result.errors)
        note = NOT_A_REGEX if as_plain_text else ""
        return reader.matches(result, note)

    async def _in_directory(
        self, directory: Path, words: list[str], take: Callable[[bytes], bool]
    ) -> HelperResult:
        with contextlib.ExitStack() as stack:
            names = self.workspace.names(directory)
            try:
                opening = directory_beneath(self.workspace.root_fd, names)
                descriptor = stack.enter_context(opening)
                self.within.check(descriptor)
            except OSError as error:
                raise WorkspaceError(
                    f'"{self.workspace.relative(directory)}" cannot be used: {error.strerror}.'
                ) from error
            held = f"/proc/self/fd/{descriptor}" if sys.platform == "linux" else str(directory)
            *options, end = words
            return await self._run([*options, *self._exclusions(), end, "."], held, take)

    def _exclusions(self) -> list[str]:
        """Globs that exclude what the results would drop anyway, to save time."""
        paths = ("/".join(way) for way in self.within.excluded)
        return [f"--glob=!/{path}" for path in paths if _PLAIN_PATH.fullmatch(path)]

    async def _in_file(
        self, path: Path, words: list[str], take: Callable[[bytes], bool]
    ) -> HelperResult:
        with open_regular(self.workspace, path) as descriptor:
            if descriptor is None:
                raise WorkspaceError(f'There is no "{self.workspace.relative(path)}".')
            self.within.check(descriptor)
            return await self._run([*words, "-"], "/", take, stdin_fd=descriptor)

    async def _run(
        self,
        words: list[str],
        cwd: str,
        take: Callable[[bytes], bool],
        stdin_fd: int | None = None,
    ) -> HelperResult:
        try:
            return await run_helper(
                [self.program, *words],
                cwd=cwd,
                environment=self.environment,
                timeout_s=self.limits.timeout_s,
                on_chunk=take,
                stdin_fd=stdin_fd,
            )
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"The search could not be started: {error}.") from error


def _skipping(wanted: Wanted) -> list[str]:
    return [f"--glob=!**/{name}/" for name in sorted(wanted.skipped)]


@dataclass(slots=True)
class _Records:
    """Splits chunks of bytes into records."""

    separator: bytes
    _rest: bytes = field(default=b"")

    def split(self, chunk: bytes) -> list[bytes]:
        *records, self._rest = (self._rest + chunk).split(self.separator)
        return records


@dataclass(slots=True)
class _MatchReader:
    """Parses ``path NUL line_number COLON text`` lines; with ``only_path`` all belong to that file."""

    wanted: Wanted
    limit: int
    only_path: str | None = None
    found: list[Match] = field(default_factory=list)
    _skipped_secrets: bool = False
    _path_start: bytes = b""
    _records: _Records = field(default_factory=lambda: _Records(b"\n"))

    def take(self, chunk: bytes) -> bool:
        for record in self._records.split(chunk):
            match = self._parse(record)
            if match is None:
                continue
            if self.only_path is None and is_secret_path(tuple(match.path.split("/"))):
                self._skipped_secrets = True
                continue
            self.found.append(match)
        return len(self.found) <= self.limit

    def matches(self, result: HelperResult, note: str) -> Matches:
        kept = tuple(self.found[: self.limit])
        is_complete = not result.stopped and len(kept) == len(self.found)
        return Matches(kept, is_complete, note, self._skipped_secrets)

    def _parse(self, record: bytes) -> Match | None:
        """None for what is no match, such as the first line of a path that has several."""
        if b"\0" not in record:
            self._path_start = (self._path_start + record + b"\n")[-MAX_PATH_CHARACTERS:]
            return None
        raw_path, _, rest = record.partition(b"\0")
        raw_path, self._path_start = self._path_start + raw_path, b""
        number, separator, text = rest.partition(b":")
        if not separator or not number.isdigit():
            return None
        path = self.only_path or self.wanted.path_of(raw_path)
        if path is None:
            return None
        return Match(path, int(number), text.decode("utf-8", "replace").rstrip("\r"))
