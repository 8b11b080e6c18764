"""May this call run: allow, prompt or deny, and the rule that says so. Pure, never raises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, TypeAlias

from vtcode_tui.lazy_dataclass import dataclass

Policy: TypeAlias = Literal["allow", "prompt", "deny"]

ALWAYS = "(no setting lifts this)"
_ONLY_HARMLESS = "only commands known to be harmless run unasked"


@dataclass(frozen=True, slots=True)
class Ruling:
    """``rule`` says what decided, where it asks in words that go on after "because"; ``by_policy``: the call is what the configured policy
    allows, and nobody was asked."""

    policy: Policy
    rule: str
    by_policy: bool = False


class Grants:
    """What the user approved for this session, by grant key."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def replace(self, keys: Iterable[str]) -> None:
        """Another session goes on, in which the user approved ``keys``."""
        self._keys = set(keys)

    def grant(self, key: str) -> None:
        self._keys.add(key)

    def covers(self, key: str) -> bool:
        return key in self._keys

    def take_back(self, key: str) -> None:
        self._keys.discard(key)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(sorted(self._keys))


class Judged(Protocol):
    """What of a prepared call the ruling depends on."""

    @property
    def effect(self) -> str: ...

    @property
    def grant_key(self) -> str: ...

    @property
    def caution(self) -> str: ...

    @property
    def may_grant(self) -> bool: ...

    @property
    def refusal(self) -> str: ...

    @property
    def doubt(self) -> str: ...


def rule_on(
    prepared: Judged,
    tool_policy: str,
    rule_text: str,
    grants: Grants,
    *,
    is_always_granted: bool = False,
) -> Ruling:
    """The ruling on one call: the strictest of what is configured and the call's own caution.

    ``tool_policy`` is the tool's policy as configured and ``rule_text`` the rule behind it; a
    caution turns "allow" into "prompt", and so does a doubt that the policy means this call; a
    refusal holds against everything. A grant turns "prompt" into "allow" and nothing else, and
    nothing where the call may not be granted; one for always lifts no caution either. A policy that
    is none of the three is a "deny".
    """
    if tool_policy not in ("allow", "prompt"):
        return Ruling("deny", rule_text)
    if prepared.refusal:
        return Ruling("deny", prepared.refusal)
    if tool_policy == "allow" and not prepared.caution and not prepared.doubt:
        return Ruling("allow", rule_text, by_policy=True)
    if prepared.may_grant and grants.covers(prepared.grant_key):
        return Ruling("allow", "approved for this session")
    if is_always_granted and prepared.may_grant and not prepared.caution:
        return Ruling("allow", "approved for always in this project")
    if prepared.caution:
        return Ruling("prompt", f"{prepared.caution} {ALWAYS}")
    if prepared.doubt and tool_policy == "allow":
        return Ruling("prompt", f"it {prepared.doubt}; {_ONLY_HARMLESS}")
    return Ruling("prompt", rule_text)
