"""May this call run: allow, prompt or deny, and the rule that says so. Pure, never raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Policy: TypeAlias = Literal["allow", "prompt", "deny"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """``rule`` names in words what decided."""

    policy: Policy
    rule: str


class Grants:
    """What the user approved for this session, by grant key. Lives in memory only."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def grant(self, key: str) -> None:
        self._keys.add(key)

    def covers(self, key: str) -> bool:
        return key in self._keys


class Judged(Protocol):
    """What of a prepared call the ruling depends on."""

    @property
    def effect(self) -> str: ...

    @property
    def grant_key(self) -> str: ...


def rule_on(prepared: Judged, tool_policy: str, rule_text: str, grants: Grants) -> Ruling:
    """The ruling on one call.

    ``tool_policy`` is the tool's policy as configured and ``rule_text`` the rule behind it. A grant
    turns "prompt" into "allow" and nothing else; a policy that is none of the three is a "deny".
    """
    if tool_policy == "allow":
        return Ruling("allow", rule_text)
    if tool_policy != "prompt":
        return Ruling("deny", rule_text)
    if grants.covers(prepared.grant_key):
        return Ruling("allow", "approved for this session")
    return Ruling("prompt", rule_text)
