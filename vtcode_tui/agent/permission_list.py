"""Lists the tool policies and grants in force for ``/permissions``, and revokes grants."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vtcode_tui.agent.calls import CallRunner
from vtcode_tui.config.policies import ToolPolicy
from vtcode_tui.tools.calls import EXACT

_WORDS = {ToolPolicy.ALLOW: "runs", ToolPolicy.PROMPT: "asks", ToolPolicy.DENY: "denied"}

RowKind = Literal["tool", "session", "always"]


@dataclass(frozen=True, slots=True)
class PermissionRow:
    """``text`` is the tools or the call; ``detail`` their policy, or the date of the grant. Only
    grants have a ``key`` and can be revoked."""

    kind: RowKind
    text: str
    detail: str = ""
    key: str = ""


def permission_rows(calls: CallRunner) -> tuple[PermissionRow, ...]:
    """Tools grouped by policy and rule, then session grants, then grants for always."""
    alike: dict[str, list[str]] = {}
    for tool in calls.toolbox:
        policy, rule = calls.policy_of(tool)
        alike.setdefault(f"{_WORDS[policy]} because {rule}", []).append(tool.name)
    tools = [PermissionRow("tool", ", ".join(names), held) for held, names in alike.items()]
    session = [PermissionRow("session", _session_text(key), key=key) for key in calls.grants.keys]
    kept = calls.always.grants if calls.always is not None else ()
    always = [
        PermissionRow("always", each.text, f"since {each.granted_on}", each.key) for each in kept
    ]
    return (*tools, *session, *always)


async def take_back(calls: CallRunner, row: PermissionRow, record: Callable[[str], None]) -> None:
    """Revoke a grant; ``record`` is told of session grants. Raises ConfigError if the store still
    holds the grant."""
    if row.kind == "session":
        calls.grants.take_back(row.key)
        record(row.key)
    elif row.kind == "always" and calls.always is not None:
        await calls.always.take_back(row.key)


def _session_text(key: str) -> str:
    """A grant key in words."""
    try:
        parts = json.loads(key)
    except ValueError:
        parts = key
    return " ".join(map(_part_text, parts)) if isinstance(parts, list) else key


def _part_text(part: object) -> str:
    text = str(part)
    return f"exactly as shown ({text[len(EXACT) :][:8]})" if text.startswith(EXACT) else text
