"""Compares a project's tool policies with the user's own. Pure.

A project may make a tool stricter without approval, but not looser. Policies are compared by their
effect on each tool, not line by line, because removing one line can loosen another tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from vtcode_tui.config.policies import KNOWN_TOOLS, LOOKING_TOOLS
from vtcode_tui.config.schema import Policy
from vtcode_tui.lazy_dataclass import dataclass

UNLISTED = None
"""Stands for each tool that neither this program nor a file names."""

Tool: TypeAlias = str | None

# None is the rule that is built in for a tool of which nothing is known: it asks unless it only looks.
_STRICTNESS: Mapping[Policy | None, int] = {"allow": 0, None: 1, "prompt": 2, "deny": 3}


@dataclass(frozen=True, slots=True)
class ToolRules:
    """``default`` applies to tools that ``policies`` does not name; None is the built-in rule."""

    default: Policy | None
    policies: Mapping[str, Policy]

    def of(self, tool: Tool) -> Policy | None:
        """The policy of ``tool``; None if only the tool itself decides."""
        if tool is not UNLISTED and tool in self.policies:
            return self.policies[tool]
        if self.default is not None:
            return self.default
        if tool in LOOKING_TOOLS:
            return "allow"
        return "prompt" if tool in KNOWN_TOOLS else None

    def over(self, lower: ToolRules) -> ToolRules:
        """These rules, with those of ``lower`` for everything they leave open."""
        return ToolRules(self.default or lower.default, {**lower.policies, **self.policies})


def loosened(own: ToolRules, wanted: ToolRules) -> dict[Tool, Policy]:
    """The tools for which ``wanted`` is looser than ``own``, with the policy they would get."""
    found: dict[Tool, Policy] = {}
    for tool in _tools(own, wanted):
        policy = wanted.of(tool)
        if policy is not None and _STRICTNESS[policy] < _STRICTNESS[own.of(tool)]:
            found[tool] = policy
    return found


def exceptions(wanted: ToolRules) -> tuple[str, ...]:
    """The tools that are not simply allowed, ordered by name."""
    return tuple(
        sorted(
            tool for tool in _tools(wanted) if tool is not UNLISTED and wanted.of(tool) != "allow"
        )
    )


def strictest(own: ToolRules, wanted: ToolRules) -> ToolRules:
    """For each tool the stricter policy of the two."""
    default = _stricter(own.default, wanted.default)
    policies = dict(own.policies)
    for tool in _tools(own, wanted):
        policy = _stricter(own.of(tool), wanted.of(tool))
        if tool is not UNLISTED and ToolRules(default, policies).of(tool) != policy:
            policies[tool] = policy or "prompt"
    return ToolRules(default, policies)


def _stricter(one: Policy | None, other: Policy | None) -> Policy | None:
    return max(one, other, key=_STRICTNESS.__getitem__)


def _tools(*rules: ToolRules) -> Iterator[Tool]:
    """Each tool that is known or named, once, and UNLISTED last."""
    names = dict.fromkeys(KNOWN_TOOLS)
    for each in rules:
        names.update(dict.fromkeys(each.policies))
    yield from names
    yield UNLISTED
