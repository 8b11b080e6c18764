"""What the mode that the user chose makes of a tool's policy. Pure, never raises.

A mode never lifts a deny and never goes past what a file says: only where no file names a policy
for the tool does ``accept-edits`` let it write unasked. What asks whatever the policy (a protected
file, a place outside, the same call again and again) asks in every mode, since that is ruled
afterwards.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vtcode_tui.lazy_dataclass import dataclass

Mode: TypeAlias = Literal["normal", "accept-edits", "plan"]

MODES: tuple[Mode, ...] = ("normal", "accept-edits", "plan")
"""In the order in which they are switched through."""


@dataclass(frozen=True, slots=True)
class ModePolicy:
    """``policy`` is allow, prompt or deny, and ``rule`` says in words what decided."""

    policy: str
    rule: str


def next_mode(mode: Mode) -> Mode:
    return MODES[(MODES.index(mode) + 1) % len(MODES)]


def policy_in(
    mode: Mode, *, effect: str, policy: str, rule: str, is_configured: bool
) -> ModePolicy:
    """The policy that holds in ``mode`` for a tool with ``effect`` (read, write or execute).

    ``policy`` and ``rule`` are what holds without a mode; ``is_configured`` says that a file set it.
    """
    if policy not in ("allow", "prompt"):
        return ModePolicy(policy, rule)
    if mode == "plan" and effect != "read":
        return ModePolicy("deny", "in plan mode nothing is changed and no command is run")
    if mode == "accept-edits" and effect == "write" and policy == "prompt" and not is_configured:
        return ModePolicy(
            "allow", "in accept-edits mode files in the workspace are written unasked"
        )
    return ModePolicy(policy, rule)
