"""The tool read_file: a part of a text file."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import FileDisplay, Outcome, ToolResult
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, PreparedCall
from vtcode_tui.tools.calls import failure
from vtcode_tui.tools.file_tool import FileTool, reading_call
from vtcode_tui.workspace.files import open_regular, read_bytes
from vtcode_tui.workspace.gate import Place
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.names import shown_path
from vtcode_tui.workspace.root import Workspace
from vtcode_tui.workspace.text import decode, without_surrogates

DEFAULT_LINES = 400
MAX_BYTES = 32 * 1024
MAX_LINE_CHARACTERS = 2000

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "offset": {"type": "integer", "description": "first line, from 1"},
        "limit": {"type": "integer", "description": f"lines, default {DEFAULT_LINES}"},
    },
    "required": ["path"],
}


class ReadFile(FileTool):
    name = "read_file"
    description = "Read a text file, or part of a long one."
    effect = Effect.READ
    parameters = _PARAMETERS

    def _prepare(self, call: ToolCall) -> PreparedCall:
        from vtcode_tui.tools.parameters import ReadFileParameters, parse

        wanted = parse(ReadFileParameters, call, self.parameters)
        place = self._context.gate.to_read(wanted.path)
        name = place.name
        if not place.is_outside:
            _check_exists(place)
        first = max(1, wanted.offset or 1)
        limit = wanted.limit or DEFAULT_LINES

        return reading_call(
            call,
            place,
            self._context,
            lambda: asyncio.to_thread(_read, place, first, limit, self._context.secrets),
            action="Read a file",
            subject=name,
            preview=f"{name}, {counted(limit, 'line')} at most, from line {first}",
        )


def _check_exists(place: Place) -> None:
    """Raise if the file does not exist; only for places that may be inspected without asking."""
    if place.path.is_dir():
        raise WorkspaceError(
            f'"{place.name}" is a directory, not a file.',
            advice="Use list_files to see what is in it.",
        )
    with open_regular(place.root, place.path) as descriptor:
        if descriptor is not None:
            return
    advice = _similar_names(place.root, place.path)
    raise WorkspaceError(f'There is no file "{place.name}".', advice=advice)


def _similar_names(workspace: Workspace, path: Path) -> str:
    try:
        present = sorted(entry.name for entry in path.parent.iterdir())
    except OSError:
        return "Use list_files to see which files there are."
    close = difflib.get_close_matches(path.name, present, n=3, cutoff=0.6)
    if not close:
        return "Use list_files to see which files there are."
    names = [workspace.relative(path.with_name(name)) for name in close]
    return "There is: " + ", ".join(map(shown_path, names))


@dataclass(frozen=True, slots=True)
class CutText:
    """Some lines of a file; ``shown_to`` counts the lines up to the last of them."""

    text: str
    shown_to: int
    total: int
    left_out_bytes: int


def _read(place: Place, first: int, limit: int, secrets: KnownSecrets) -> ToolResult:
    name = place.name
    content = read_bytes(place.root, place.path, check=place.check_opened)
    decoded = decode(content)
    if decoded is None:
        return failure(
            f'"{name}" is a binary file ({counted(len(content), "byte")}); it has no text.',
            "binary",
        )
    if place.holds_secrets:
        secrets.learn(decoded.text)
    lines = without_surrogates(decoded.text).replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines:
        return ToolResult(Outcome.OK, "[the file is empty]", FileDisplay(name, ""), "empty")
    if first > len(lines):
        return failure(
            f'"{name}" has only {counted(len(lines), "line")}; offset {first} is behind its end.'
        )
    cut = cut_lines(lines, first, limit)
    text = cut.text
    shown = FileDisplay(name, text, first)
    if first > 1 or cut.shown_to < cut.total:
        text += f"\n\n[lines {first}-{cut.shown_to} of {cut.total:,}{_rest(cut)}]"
    return ToolResult(Outcome.OK, text, shown, counted(cut.shown_to - first + 1, "line"))


def cut_lines(lines: list[str], first: int, limit: int) -> CutText:
    """At most ``limit`` lines from number ``first`` on, and at most MAX_BYTES of them."""
    kept: list[str] = []
    size = 0
    for line in lines[first - 1 : first - 1 + limit]:
        shown = shorten_line(line)
        size += len(shown.encode()) + 1
        if kept and size > MAX_BYTES:
            break
        kept.append(shown)
    shown_to = first - 1 + len(kept)
    left_out = sum(len(line.encode()) + 1 for line in lines[shown_to:])
    return CutText("\n".join(kept), shown_to, len(lines), left_out)


def _rest(cut: CutText) -> str:
    if cut.shown_to == cut.total:
        return ""
    return (
        f"; {counted(cut.total - cut.shown_to, 'line')} "
        f"({counted(cut.left_out_bytes, 'byte')}) left out, "
        f"go on with offset={cut.shown_to + 1}"
    )


def shorten_line(line: str) -> str:
    """``line``, cut with a note where it is longer than MAX_LINE_CHARACTERS."""
    if len(line) <= MAX_LINE_CHARACTERS:
        return line
    left_out = len(line) - MAX_LINE_CHARACTERS
    return f"{line[:MAX_LINE_CHARACTERS]} [... {counted(left_out, 'character')} left out]"
