"""One tool call's way: find the tool, check the policy, ask the user, run it.

Never raises but for a cancel: whatever goes wrong is a result that the model can read.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.config.policies import ToolPolicy
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    ToolCallStarted,
    ToolOutputDelta,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import FileChanged, VtcodeError
from vtcode_tui.permissions.policy import Grants, rule_on
from vtcode_tui.tools.base import PreparedCall, Tool
from vtcode_tui.tools.toolbox import Toolbox

Approver = Callable[[ApprovalRequest], Awaitable[ApprovalDecision]]
PolicyOf = Callable[[Tool], tuple[ToolPolicy, str]]

_TRIES_ON_CHANGING_FILE = 5

log = logging.getLogger(__name__)


async def deny_all(_: ApprovalRequest) -> ApprovalDecision:
    """The approver of a door that cannot ask."""
    return ApprovalDecision(Verdict.DENY)


@dataclass(frozen=True, slots=True)
class CallRunner:
    """``policy_of`` gives a tool's policy and the rule that says so; ``approve`` asks the user."""

    toolbox: Toolbox
    policy_of: PolicyOf
    grants: Grants
    approve: Approver

    def subject_of(self, call: ToolCall) -> str:
        """The call's path or command in one line; empty for a tool that there is not."""
        tool = self.toolbox.get(call.name)
        return tool.subject(call.arguments) if tool else ""

    async def run(self, call: ToolCall, emit: Emitter) -> ToolResult:
        tool = self.toolbox.get(call.name)
        if tool is None:
            names = ", ".join(self.toolbox.names)
            return _failed(f"There is no tool named {call.name!r}. The tools are: {names}.")
        policy, rule = self.policy_of(tool)
        if policy is ToolPolicy.DENY:
            return _refused(f"Refused: the user's settings deny {tool.name} ({rule}).")
        try:
            return await self._prepare_and_run(tool, call, policy, rule, emit)
        except VtcodeError as error:
            return _failed(str(error))
        except Exception:
            log.exception("tool %s failed", tool.name)
            return _failed(f"{tool.name} failed because of a defect in this program.")

    async def _prepare_and_run(
        self, tool: Tool, call: ToolCall, policy: ToolPolicy, rule: str, emit: Emitter
    ) -> ToolResult:
        reason = ""
        for _ in range(_TRIES_ON_CHANGING_FILE):
            prepared = await tool.prepare(call)
            ruling = rule_on(prepared, policy, rule, self.grants)
            if ruling.policy == "deny":
                return _refused(f"Refused: {ruling.rule}")
            if ruling.policy == "prompt":
                refusal = await self._ask(prepared, ruling.rule, reason, emit)
                if refusal is not None:
                    return refusal
            emit(ToolCallStarted(call.call_id))
            try:
                return await prepared.execute(
                    lambda text: emit(ToolOutputDelta(call.call_id, text))
                )
            except FileChanged as error:
                reason = error.what
        return _failed(f"{reason} It keeps changing; read it again before you change it.")

    async def _ask(
        self, prepared: PreparedCall, rule: str, reason: str, emit: Emitter
    ) -> ToolResult | None:
        """Ask the user; None means go ahead."""
        request = ApprovalRequest(
            request_id=uuid.uuid4().hex,
            call=prepared.call,
            action=prepared.action,
            subject=prepared.subject,
            preview=prepared.preview,
            cwd=prepared.cwd,
            rule=rule,
            session_scope=prepared.session_scope,
            reason=reason,
        )
        emit(ApprovalRequested(request))
        decision = await self.approve(request)
        emit(ApprovalResolved(request.request_id, prepared.call.call_id, decision))
        if decision.verdict is Verdict.DENY:
            text = "The user denied this call. Do not repeat it."
            if decision.feedback:
                text += f" The user says: {decision.feedback}"
            return ToolResult(Outcome.DENIED, text, TextDisplay(text), summary="denied")
        if decision.verdict is Verdict.SESSION:
            self.grants.grant(prepared.grant_key)
        return None


def _failed(text: str) -> ToolResult:
    return ToolResult(Outcome.FAILED, text, TextDisplay(text), summary="failed")


def _refused(text: str) -> ToolResult:
    return ToolResult(Outcome.REFUSED, text, TextDisplay(text), summary="refused")
