"""The tool write_file: a whole file, new or replaced."""

from __future__ import annotations

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, PreparedCall
from vtcode_tui.tools.file_change import FileChange, prepared_change
from vtcode_tui.tools.file_tool import FileTool
from vtcode_tui.workspace.diff import file_diff
from vtcode_tui.workspace.files import read_if_exists
from vtcode_tui.workspace.text import DecodedText, decode, encode, uses_crlf_only

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "content": {"type": "string"},
    },
    "required": ["path", "content"],
}


class WriteFile(FileTool):
    name = "write_file"
    description = "Create a file or replace its whole content. To change a part, use edit_file."
    effect = Effect.WRITE
    parameters = _PARAMETERS

    def _prepare(self, call: ToolCall) -> PreparedCall:
        from vtcode_tui.tools.parameters import WriteFileParameters, parse

        wanted = parse(WriteFileParameters, call, self.parameters)
        context = self._context
        place = context.gate.to_write(wanted.path)
        name = place.name
        current = read_if_exists(place.root, place.path)
        old = None if current is None else decode(current)
        if current is not None and old is None:
            raise WorkspaceError(f'"{name}" is a binary file; write_file does not replace those.')
        text = _in_style_of(old, wanted.content)
        content = encode(old or DecodedText(""), text)
        if place.holds_secrets:
            context.secrets.learn(f"{old.text if old else ''}\n{wanted.content}")
        # Of a secret not even this is told before the user allowed it.
        if content == current and not place.holds_secrets:
            raise WorkspaceError(f'"{name}" has exactly this content already.')
        diff = file_diff(name, old.text if old else None, text)
        change = FileChange(call, place, current, content, diff)
        return prepared_change(
            change,
            context,
            action="Create a file" if old is None else "Replace a file",
            told=f"{'Created' if old is None else 'Replaced'} {name}, {len(content):,} bytes.",
        )


def _in_style_of(old: DecodedText | None, content: str) -> str:
    """``content`` with CR LF if the replaced file uses it throughout; models send LF."""
    if old is None or "\r" in content or not uses_crlf_only(old.text):
        return content
    return content.replace("\n", "\r\n")
