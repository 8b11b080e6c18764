"""Parses ``tool_choice`` and enforces it on this side, since an Ollama server ignores the field.
Pure.

``none`` offers no tools; a named function is offered alone; a reply without a required call is
requested once more with ``format`` set to the schema of a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from vtcode_tui.conversation.messages import JsonObject, JsonValue, ToolCall
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.ollama import tolerant_json
from vtcode_tui.ollama.call_fit import fit_arguments
from vtcode_tui.ollama.types import ToolSpec


class ChoiceKind(StrEnum):
    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """``function`` is the name of the required tool, if the choice names one."""

    kind: ChoiceKind = ChoiceKind.AUTO
    function: str = ""

    @property
    def owes_call(self) -> bool:
        """Whether the reply must contain a call."""
        return self.kind in (ChoiceKind.REQUIRED, ChoiceKind.FUNCTION)


class ChoiceError(ValueError):
    """``field`` is the path of the invalid value, such as ``tool_choice.function.name``."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def read_tool_choice(value: JsonValue, tools: Sequence[ToolSpec]) -> ToolChoice:
    """Parse the choice in a request. Raises ChoiceError."""
    if value is None:
        return ToolChoice()
    if isinstance(value, str) and value in ("auto", "none", "required"):
        choice = ToolChoice(ChoiceKind(value))
    elif isinstance(value, dict):
        choice = ToolChoice(ChoiceKind.FUNCTION, _function_name(value))
    else:
        raise ChoiceError(
            "tool_choice",
            'it must be "auto", "none", "required" or {"type": "function", "function": {"name": "..."}}',
        )
    names = [tool.name for tool in tools]
    if choice.owes_call and not names:
        raise ChoiceError("tool_choice", "it wants a call, and there are no tools")
    if choice.kind is ChoiceKind.FUNCTION and choice.function not in names:
        why = f"there is no tool named {choice.function!r}; the tools are {', '.join(names)}"
        raise ChoiceError("tool_choice.function.name", why)
    return choice


def _function_name(value: JsonObject) -> str:
    if value.get("type", "function") != "function":
        raise ChoiceError("tool_choice.type", 'it must be "function"')
    function = value.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not name:
        raise ChoiceError("tool_choice.function.name", "it must be the name of a tool")
    return name


def offered_tools(choice: ToolChoice, tools: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """The tools to offer under the choice."""
    match choice.kind:
        case ChoiceKind.NONE:
            return ()
        case ChoiceKind.FUNCTION:
            return tuple(tool for tool in tools if tool.name == choice.function)
        case _:
            return tuple(tools)


def kept_calls(calls: Sequence[ToolCall], offered: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
    """The calls of offered tools; a model may also call one that it saw earlier."""
    names = {tool.name for tool in offered}
    return tuple(call for call in calls if call.name in names)


def call_schema(tools: Sequence[ToolSpec]) -> JsonObject:
    """The schema of one call of one of ``tools``, for ``format``."""
    schemas: list[JsonValue] = [_schema_of(tool) for tool in tools]
    match schemas:
        case [dict() as only]:
            return only
        case _:
            return {"anyOf": schemas}


def _schema_of(tool: ToolSpec) -> dict[str, JsonValue]:
    parameters = dict(tool.parameters) or {"type": "object", "properties": {}}
    return {
        "type": "object",
        "properties": {
            "name": {"type": "string", "enum": [tool.name]},
            "arguments": {"type": "object", **parameters},
        },
        "required": ["name", "arguments"],
    }


def forced_call(content: str, tools: Sequence[ToolSpec]) -> ToolCall | None:
    """The call in a reply that was constrained to ``call_schema``; None if it does not match."""
    try:
        written = tolerant_json.loads(content)
    except ValueError:
        return None
    if not isinstance(written, dict):
        return None
    tool = next((tool for tool in tools if tool.name == written.get("name")), None)
    if tool is None:
        return None
    fit = fit_arguments(written.get("arguments"), tool.parameters)
    return None if fit.problem else ToolCall("", tool.name, fit.arguments)
