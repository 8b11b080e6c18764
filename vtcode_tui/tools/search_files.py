"""The tool search_files: the lines that match a regular expression."""

from __future__ import annotations

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, PreparedCall, argument_text, one_line
from vtcode_tui.tools.calls import within
from vtcode_tui.tools.file_tool import FileTool, reading_call
from vtcode_tui.workspace.findings import Matches, SearchLimits
from vtcode_tui.workspace.globs import parse_glob
from vtcode_tui.workspace.names import shown_path
from vtcode_tui.workspace.search import search_lines
from vtcode_tui.workspace.text import without_surrogates

MAX_LINE_CHARACTERS = 300
MAX_BYTES = 24 * 1024
_LIMITS = SearchLimits(results=200, timeout_s=20.0)

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "pattern": {"type": "string"},
        "path": {"type": "string", "description": "directory or file, default the project"},
        "glob": {"type": "string", "description": "only files such as *.py"},
    },
    "required": ["pattern"],
}


class SearchFiles(FileTool):
    name = "search_files"
    description = "Search the text of files for a regular expression."
    effect = Effect.READ
    parameters = _PARAMETERS

    def subject(self, arguments: JsonObject) -> str:
        return one_line(
            _subject(
                argument_text(arguments, "pattern"),
                argument_text(arguments, "path", "."),
                argument_text(arguments, "glob"),
            )
        )

    def _prepare(self, call: ToolCall) -> PreparedCall:
        from vtcode_tui.tools.parameters import SearchFilesParameters, parse

        wanted = parse(SearchFilesParameters, call, self.parameters)
        place = self._context.gate.to_read(wanted.path or ".")
        name = place.name
        if not place.is_outside and not place.path.exists():
            raise WorkspaceError(f'There is no file or directory "{name}".')
        if place.holds_secrets:
            raise WorkspaceError(f'"{name}" usually holds secrets and is not searched.')
        glob = parse_glob(wanted.glob) if wanted.glob else None

        async def work() -> ToolResult:
            matches = await search_lines(
                place.root,
                place.path,
                wanted.pattern,
                glob,
                environment=self._context.environment,
                limits=_LIMITS,
                within=within(place),
                linked_secrets=self._context.gate.linked_secrets,
            )
            return _result(matches)

        subject = _subject(wanted.pattern, name, wanted.glob or "")
        return reading_call(
            call,
            place,
            self._context,
            work,
            action="Search files",
            subject=subject,
            preview=subject,
        )


def _subject(pattern: str, path: str, glob: str) -> str:
    return " ".join(part for part in (pattern, "" if path == "." else f"in {path}", glob) if part)


def _result(matches: Matches) -> ToolResult:
    shown: list[str] = []
    size = 0
    for match in matches.matches:
        line = f"{shown_path(match.path)}:{match.line_number}: {without_surrogates(_short(match.text))}"
        size += len(line.encode()) + 1
        if size > MAX_BYTES:
            break
        shown.append(line)
    files = len({match.path for match in matches.matches})
    notes = _notes(matches, len(matches.matches) - len(shown))
    text = "\n".join(shown) or "[no matches]"
    if notes:
        text += f"\n\n[{'; '.join(notes)}]"
    more = "" if matches.is_complete else "more than "
    found = counted(len(matches.matches), "match", "matches")
    summary = f"{more}{found} in {counted(files, 'file')}" if files else "no matches"
    return ToolResult(Outcome.OK, text, TextDisplay(text), summary)


def _notes(matches: Matches, left_out: int) -> list[str]:
    notes: list[str] = []
    if left_out:
        notes.append(f"{counted(left_out, 'more match', 'more matches')} left out")
    if not matches.is_complete:
        notes.append("stopped at a limit, there may be more: narrow the search")
    if matches.skipped_secrets:
        notes.append("matches in files that usually hold secrets left out")
    if matches.note:
        notes.append(matches.note)
    return notes


def _short(text: str) -> str:
    if len(text) <= MAX_LINE_CHARACTERS:
        return text
    return f"{text[:MAX_LINE_CHARACTERS]} [... cut]"
