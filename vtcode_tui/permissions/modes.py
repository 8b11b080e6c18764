"""Applies the user's mode to a tool's policy. Pure, never raises.

A mode never overrides a deny or a policy set in a file: ``accept-edits`` lets a tool write without
a question only if no file sets its policy. Whatever asks regardless of policy (a protected file, a
place outside, repeated calls) asks in every mode, since that is decided afterwards.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vtcode_tui.lazy_dataclass import dataclass

Mode: TypeAlias = Literal["normal", "accept-edits", "plan"]

MODES: tuple[Mode, ...] = ("normal", "accept-edits", "plan")
"""In the order in which they are switched through."""


@dataclass(frozen=True, slots=True)
class ModePolicy:
    """``policy`` is allow, prompt or deny; ``rule`` describes what decided."""

    policy: str
    rule: str


def next_mode(mode: Mode) -> Mode:
    return MODES[(MODES.index(mode) + 1) % len(MODES)]


def policy_in(
    mode: Mode, *, effect: str, policy: str, rule: str, is_configured: bool
) -> ModePolicy:
    """The policy in ``mode`` for a tool with ``effect`` (read, write or execute).

    ``policy`` and ``rule`` apply without a mode; ``is_configured`` says that a file sets the
    policy.
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
