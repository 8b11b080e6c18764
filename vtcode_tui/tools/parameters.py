"""Validates the tools' arguments. Imported with the first call, because pydantic is slow to import.

The JSON schemas for the model are in the tools; these models are equal but stricter.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.tools.base import ToolInputError
from vtcode_tui.workspace.text import has_surrogates

MAX_CONTENT_CHARACTERS = 4_000_000
MAX_COMMAND_BYTES = 100_000
MAX_TIMEOUT_S = 3600
_SHOWN_ERRORS = 4


def _sendable(text: str) -> str:
    if has_surrogates(text):
        raise ValueError("it holds half a surrogate pair")
    return text


def _runnable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    if not text.strip():
        raise ValueError("it is empty")
    if len(text.encode()) > MAX_COMMAND_BYTES:
        raise ValueError(f"it is longer than {MAX_COMMAND_BYTES:,} bytes; write a script file")
    return text


Text = Annotated[str, Field(max_length=MAX_CONTENT_CHARACTERS), AfterValidator(_sendable)]
Short = Annotated[str, Field(max_length=4096), AfterValidator(_sendable)]
Words = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_sendable)]
OldText = Annotated[
    str, Field(min_length=1, max_length=MAX_CONTENT_CHARACTERS), AfterValidator(_sendable)
]
Command = Annotated[str, AfterValidator(_sendable), AfterValidator(_runnable)]


class Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadFileParameters(Parameters):
    """``offset`` is the first line, counted from 1; 0 is taken for 1."""

    path: Short
    offset: Annotated[int, Field(ge=0)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None


class WriteFileParameters(Parameters):
    path: Short
    content: Text


class EditFileParameters(Parameters):
    path: Short
    old_text: OldText
    new_text: Text
    replace_all: bool | None = None


class ListFilesParameters(Parameters):
    path: Short | None = None
    pattern: Short | None = None


class SearchFilesParameters(Parameters):
    pattern: Words
    path: Short | None = None
    glob: Short | None = None


class RunTerminalCmdParameters(Parameters):
    command: Command
    timeout_s: Annotated[float, Field(gt=0, le=MAX_TIMEOUT_S)] | None = None


class LeavingCmdParameters(RunTerminalCmdParameters):
    """The parameters if there is a sandbox that a command may leave."""

    outside_sandbox: bool | None = None


_P = TypeVar("_P", bound=Parameters)


def parse(model: type[_P], call: ToolCall, schema: JsonObject) -> _P:
    """The call's arguments as ``model``. Raises ToolInputError with the schema."""
    try:
        return model.model_validate(dict(call.arguments))
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'][:1]) or 'arguments'}: {_words(fault['msg'])}"
            for fault in error.errors(include_url=False, include_input=False)[:_SHOWN_ERRORS]
        ]
        raise ToolInputError(
            f"{call.name} was called wrongly: {'; '.join(faults)}.",
            advice=f"{call.name} takes {describe_schema(schema)}.",
        ) from None


def describe_schema(schema: JsonObject) -> str:
    """The parameters in one line: ``path (string, required), limit (integer)``."""
    properties = schema.get("properties")
    required = schema.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return "no parameters"
    words: list[str] = []
    for name, entry in properties.items():
        kind = entry.get("type") if isinstance(entry, dict) else "string"
        words.append(f"{name} ({kind}{', required' if name in required else ''})")
    return ", ".join(words)


def _words(message: str) -> str:
    plain = message.removeprefix("Value error, ")
    return {
        "Field required": "is missing",
        "Extra inputs are not permitted": "is no parameter of this tool",
    }.get(plain, plain[:1].lower() + plain[1:])
