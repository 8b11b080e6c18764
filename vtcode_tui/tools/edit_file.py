"""The tool edit_file: one text in a file replaced by another, byte-faithfully around it."""

from __future__ import annotations

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.wording import counted
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.base import Effect, PreparedCall
from vtcode_tui.tools.file_change import FileChange, prepared_change
from vtcode_tui.tools.file_tool import FileTool
from vtcode_tui.tools.text_match import NoUniqueMatch, Splice, apply_splices, find_splices
from vtcode_tui.workspace.diff import file_diff
from vtcode_tui.workspace.files import read_if_exists
from vtcode_tui.workspace.gate import Place
from vtcode_tui.workspace.text import DecodedText, decode, encode_part, without_surrogates

NO_HINT = "old_text is not in the file exactly once."

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "old_text": {"type": "string", "description": "exact text to replace"},
        "new_text": {"type": "string"},
        "replace_all": {"type": "boolean"},
    },
    "required": ["path", "old_text", "new_text"],
}


class EditFile(FileTool):
    name = "edit_file"
    description = "Replace a text in a file. old_text must be in the file exactly once."
    effect = Effect.WRITE
    parameters = _PARAMETERS

    def _prepare(self, call: ToolCall) -> PreparedCall:
        from vtcode_tui.tools.parameters import EditFileParameters, parse

        wanted = parse(EditFileParameters, call, self.parameters)
        context = self._context
        place = context.gate.to_write(wanted.path)
        name = place.name
        current = read_if_exists(place.root, place.path)
        if current is None:
            raise WorkspaceError(
                f'There is no file "{name}".', advice="Use write_file to create it."
            )
        old = decode(current)
        if old is None:
            raise WorkspaceError(f'"{name}" is a binary file; edit_file does not change those.')
        if place.holds_secrets:
            context.secrets.learn(f"{old.text}\n{wanted.new_text}")
        if wanted.old_text == wanted.new_text:
            raise WorkspaceError("old_text and new_text are the same: there is nothing to change.")
        splices = _splices(
            place, old, wanted.old_text, wanted.new_text, replace_all=bool(wanted.replace_all)
        )
        content = edited_bytes(current, old, splices)
        diff = file_diff(name, old.text, apply_splices(old.text, splices))
        change = FileChange(call, place, current, content, diff)
        return prepared_change(
            change,
            context,
            action="Edit a file",
            told=f"Edited {name}: {counted(len(splices), 'replacement')}.",
        )


def _splices(
    place: Place, old: DecodedText, old_text: str, new_text: str, *, replace_all: bool
) -> tuple[Splice, ...]:
    try:
        return find_splices(old.text, old_text, new_text, replace_all=replace_all)
    except NoUniqueMatch as error:
        # The hints quote the file, and nobody has allowed to show a secret one.
        why = NO_HINT if place.holds_secrets else without_surrogates(str(error))
        raise WorkspaceError(f"{place.name}: {why}") from error


def edited_bytes(content: bytes, decoded: DecodedText, splices: tuple[Splice, ...]) -> bytes:
    """``content`` with only the bytes of the spliced characters replaced.

    Raises WorkspaceError where the file's encoding has no such characters.
    """
    parts = [decoded.bom]
    done, done_bytes = 0, len(decoded.bom)
    for splice in splices:
        start = done_bytes + len(encode_part(decoded, decoded.text[done : splice.start]))
        replaced = len(encode_part(decoded, decoded.text[splice.start : splice.end]))
        parts += [content[done_bytes:start], encode_part(decoded, splice.replacement)]
        done, done_bytes = splice.end, start + replaced
    return b"".join([*parts, content[done_bytes:]])
