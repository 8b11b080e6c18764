"""The tool list_files: the files below a directory."""

from __future__ import annotations

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, PreparedCall, argument_text, one_line
from vtcode_tui.tools.calls import within
from vtcode_tui.tools.file_tool import FileTool, reading_call
from vtcode_tui.tools.listing import summed_up
from vtcode_tui.workspace.findings import Listing, SearchLimits
from vtcode_tui.workspace.globs import parse_glob
from vtcode_tui.workspace.names import shown_path
from vtcode_tui.workspace.search import list_paths

MAX_ENTRIES = 200
_LIMITS = SearchLimits(results=50_000, timeout_s=20.0)

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "pattern": {"type": "string", "description": "glob such as *.py"},
    },
    "required": [],
}


class ListFiles(FileTool):
    name = "list_files"
    description = (
        "List the files of the project, or of one directory."
        " Caches and installed packages are left out, unless path or pattern names them."
    )
    effect = Effect.READ
    parameters = _PARAMETERS

    def subject(self, arguments: JsonObject) -> str:
        pattern = argument_text(arguments, "pattern")
        path = argument_text(arguments, "path", ".")
        return one_line(f"{path} {pattern}" if pattern else path)

    def _prepare(self, call: ToolCall) -> PreparedCall:
        from vtcode_tui.tools.parameters import ListFilesParameters, parse

        wanted = parse(ListFilesParameters, call, self.parameters)
        place = self._context.gate.to_read(wanted.path or ".")
        name = place.name
        if not place.is_outside and not place.path.is_dir():
            raise WorkspaceError(f'There is no directory "{name}".')
        glob = parse_glob(wanted.pattern) if wanted.pattern else None

        async def work() -> ToolResult:
            listing = await list_paths(
                place.root,
                place.path,
                glob,
                environment=self._context.environment,
                limits=_LIMITS,
                within=within(place),
            )
            return _result(listing, name, wanted.pattern)

        subject = f"{name} {wanted.pattern}" if wanted.pattern else name
        return reading_call(
            call,
            place,
            self._context,
            work,
            action="List files",
            subject=subject,
            preview=subject,
        )


def _result(listing: Listing, directory: str, pattern: str | None) -> ToolResult:
    paths = [shown_path(path) for path in listing.paths]
    shown = summed_up(paths, MAX_ENTRIES)
    notes = _notes(listing, shown, pattern)
    text = "\n".join(shown) or f'[no files{" match" if pattern else ""} in "{directory}"]'
    if notes:
        text += f"\n\n[{'; '.join(notes)}]"
    return ToolResult(Outcome.OK, text, TextDisplay(text), counted(len(paths), "file"))


def _notes(listing: Listing, shown: list[str], pattern: str | None) -> list[str]:
    notes: list[str] = []
    total = len(listing.paths)
    if len(shown) < total:
        listed = sum(1 for entry in shown if not entry.endswith((" file)", " files)")))
        summed = len(shown) - listed
        notes.append(
            f"{counted(total, 'file')}: {listed} listed, {counted(summed, 'directory', 'directories')} "
            f"summed up; give a path{'' if pattern else ' or a pattern'} to see more"
        )
    if not listing.is_complete:
        notes.append("stopped at a limit, there are more")
    if listing.note:
        notes.append(listing.note)
    return notes
