"""Decides whether a call may run (allow, prompt or deny) and names the rule. Pure, never raises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, TypeAlias

from vtcode_tui.lazy_dataclass import dataclass

Policy: TypeAlias = Literal["allow", "prompt", "deny"]

ALWAYS = "(no setting lifts this)"
_ONLY_HARMLESS = "only commands known to be harmless run unasked"


@dataclass(frozen=True, slots=True)
class Ruling:
    """``rule`` describes what decided; ``by_policy`` says that the configured policy allowed the
    call and nobody was asked."""

    policy: Policy
    rule: str
    by_policy: bool = False


class Grants:
    """The user's approvals for this session, by grant key."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def replace(self, keys: Iterable[str]) -> None:
        """Replace all grants by ``keys``, for another session."""
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
    """The properties of a prepared call that the ruling depends on."""

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
    """The ruling on one call: the strictest of the configured policy and the call's own caution.

    ``tool_policy`` is the tool's configured policy and ``rule_text`` the rule behind it. A caution
    turns "allow" into "prompt", and so does a doubt whether the policy covers this call; a refusal
    always denies. A grant turns "prompt" into "allow", unless the call may not be granted; a grant
    for always does not override a caution. An unknown policy denies.
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
