"""Answers an agent's questions without a user, according to what was approved beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vtcode_tui.agent.calls import GO_ON
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict


@dataclass(slots=True)
class UnattendedApprover:
    """``approved`` are names of tools; ``approves_all`` approves every tool; ``note`` is told what
    was refused. A limit on steps is never lifted."""

    approved: frozenset[str]
    approves_all: bool
    note: Callable[[str], None]
    refused: list[str] = field(default_factory=list)

    async def __call__(self, request: ApprovalRequest) -> ApprovalDecision:
        name = request.call.name
        if name == GO_ON:
            return ApprovalDecision(Verdict.DENY)
        if self.approves_all or name in self.approved:
            return ApprovalDecision(Verdict.ONCE)
        self.refused.append(name)
        self.note(
            f"refused: {name} {request.subject} ({request.rule}). To let it run: --approve {name}"
        )
        return ApprovalDecision(
            Verdict.DENY, refusal=f"{name} needs an approval, and nobody is there to give it."
        )
