"""Texts for the model about tools: why a call cannot run, and a tool's signature. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.ollama.types import ToolSpec

_RUINS_CAP = 200
_PLAIN_KINDS = frozenset({"string", "integer", "number", "boolean"})
_PLAIN_KEYS = frozenset({"type", "description", "enum", "default", "title"})


def problem_words(
    name: str,
    tools: Sequence[ToolSpec],
    tool: ToolSpec | None,
    *,
    misfit: str = "",
    ruins: str = "",
) -> str:
    """Why the call did not run, with the schema of its tool, or the list of tools."""
    if ruins:
        shown = " ".join(ruins[:_RUINS_CAP].split())
        why = f"Not run: the call is not valid JSON: {shown}"
    elif tool is None:
        why = f"Not run: there is no tool named {name[:_RUINS_CAP]!r}."
    else:
        why = f"Not run: {tool.name} was called wrongly: {misfit}."
    if tool is not None:
        schema = json.dumps(tool.parameters, ensure_ascii=False, separators=(",", ":"))
        return f"{why}\nIts arguments must fit this JSON schema: {schema}"
    return "\n".join([why, "The tools are:", *map(signature, tools)])


def signature(tool: ToolSpec) -> str:
    """A tool in one line: ``read_file(path: string, limit?: integer): Read a file.``

    Parameters that are not plain values are shown as JSON schema.
    """
    properties = tool.parameters.get("properties")
    named = properties if isinstance(properties, dict) else {}
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list) else []
    if any(not _is_plain(schema) for schema in named.values()):
        shown = json.dumps(tool.parameters, ensure_ascii=False, separators=(",", ":"))
        return f"{tool.name}({shown}): {tool.description}".removesuffix(": ")
    words = [
        f"{name}{'' if name in needed else '?'}: {_kind(schema)}" for name, schema in named.items()
    ]
    return f"{tool.name}({', '.join(words)}): {tool.description}".removesuffix(": ")


def _is_plain(schema: JsonValue) -> bool:
    return (
        isinstance(schema, dict)
        and schema.get("type", "string") in _PLAIN_KINDS
        and schema.keys() <= _PLAIN_KEYS
    )


def _kind(schema: JsonValue) -> str:
    fields = schema if isinstance(schema, dict) else {}
    kind, allowed = fields.get("type", "string"), fields.get("enum")
    if isinstance(allowed, list):
        kind = "|".join(json.dumps(value, ensure_ascii=False) for value in allowed)
    description = fields.get("description")
    return f"{kind} ({description})" if isinstance(description, str) and description else str(kind)
