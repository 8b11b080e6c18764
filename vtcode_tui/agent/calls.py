"""Runs one tool call: finds the tool, checks the policy, asks the user, executes.

Raises only on cancellation: every failure is a result that the model can read.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

from vtcode_tui.agent.always_grants import ALWAYS_SCOPE, AlwaysGrants, may_be_always
from vtcode_tui.agent.emitter import Emitter
from vtcode_tui.agent.loops import REPEATS_THAT_ASK, LoopWatch
from vtcode_tui.config.policies import ToolPolicy
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import (
    ApprovalRequested,
    ApprovalResolved,
    NoticeLevel,
    NoticeRaised,
    ToolCallStarted,
    ToolOutputDelta,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.errors import ConfigError, FileChanged, VtcodeError
from vtcode_tui.lazy_dataclass import dataclass
from vtcode_tui.permissions.heeding import what_to_heed
from vtcode_tui.permissions.policy import ALWAYS, Grants, rule_on
from vtcode_tui.tools.base import Effect, PreparedCall, Tool, grant_key
from vtcode_tui.tools.toolbox import Toolbox

Approver = Callable[[ApprovalRequest], Awaitable[ApprovalDecision]]
PolicyOf = Callable[[Tool], tuple[ToolPolicy, str]]
Watched = Callable[[PreparedCall, Emitter], AbstractAsyncContextManager[None]]

_TRIES_ON_CHANGING_FILE = 5
GO_ON = "go_on"
"""The name of the call in a question that is about the number of steps and about no call."""
_STEPS_GRANT = grant_key("steps")
_QUOTED = "the same text stands in something that the model read: it may only be quoting it"
_OWN_WORK = "none is needed, this program does it itself"

log = logging.getLogger(__name__)


async def deny_all(_: ApprovalRequest) -> ApprovalDecision:
    """The approver used where no user can be asked."""
    return ApprovalDecision(Verdict.DENY)


@dataclass(frozen=True, slots=True)
class CallRunner:
    """Runs tool calls for one agent. ``policy_of`` gives a tool's policy and the rule behind it;
    ``approve`` asks the user; ``watched`` is entered while a call runs; ``cwd`` is the directory
    shown in questions that concern no call. Without ``always`` no approval outlives the session."""

    toolbox: Toolbox
    policy_of: PolicyOf
    grants: Grants
    approve: Approver
    watched: Watched = lambda *_: nullcontext()
    cwd: str = ""
    always: AlwaysGrants | None = None

    @property
    def offered(self) -> tuple[Tool, ...]:
        """The tools offered to the model: all whose policy is not "deny"."""
        denied = ToolPolicy.DENY
        return tuple(tool for tool in self.toolbox if self.policy_of(tool)[0] is not denied)

    def subject_of(self, call: ToolCall) -> str:
        """The call's path or command in one line; empty for an unknown tool."""
        tool = self.toolbox.get(call.name)
        return tool.subject(call.arguments) if tool else ""

    def may_have_changed(self, call: ToolCall, result: ToolResult) -> bool:
        """Whether the call may have had an effect: it ran, and its tool is not read-only."""
        tool = self.toolbox.get(call.name)
        did_run = result.outcome not in (Outcome.DENIED, Outcome.REFUSED)
        return did_run and tool is not None and tool.effect is not Effect.READ

    async def may_go_on(self, loops: LoopWatch, steps: int, emit: Emitter) -> bool:
        """Ask whether a turn that took ``steps`` steps may take ``loops.max_steps`` more."""
        if self.grants.covers(_STEPS_GRANT):
            return True
        calls = "\n".join(loops.last_calls)
        request = self._question(
            ToolCall("", GO_ON),
            f"after {steps} steps",
            f"The model took {steps} steps in this turn and wants to go on. Its last calls:\n\n{calls}",
            f"the settings ask after so many steps ([tools] max_tool_loops = {loops.max_steps})",
            "no more questions about the number of steps",
        )
        decision = await self._decision(request, emit)
        if decision.verdict is Verdict.SESSION:
            self._grant(_STEPS_GRANT, emit)
        return decision.verdict is not Verdict.DENY

    async def run(
        self, call: ToolCall, emit: Emitter, in_a_row: int = 1, *, is_quoted: bool = False
    ) -> ToolResult:
        """Run ``call`` and return its result. ``in_a_row`` is how often in a row the turn has
        requested this exact call; ``is_quoted`` says that its text occurs verbatim in what the
        model was given."""
        doubts = _Doubts(in_a_row, is_quoted)
        tool = self.toolbox.get(call.name)
        if tool is None:
            names = ", ".join(tool.name for tool in self.offered)
            return _failed(f"There is no tool named {call.name!r}. The tools are: {names}.")
        policy, rule = self.policy_of(tool)
        if policy is ToolPolicy.DENY:
            return _refused(f"Refused: the user's settings deny {tool.name} ({rule}).")
        try:
            return await self._prepare_and_run(tool, call, policy, rule, emit, doubts)
        except VtcodeError as error:
            refusal = await self._ask_about_failing(tool, call, str(error), emit, in_a_row)
            return refusal or _failed(str(error))
        except Exception:
            log.exception("tool %s failed", tool.name)
            return _failed(f"{tool.name} failed because of a defect in this program.")

    async def _prepare_and_run(
        self,
        tool: Tool,
        call: ToolCall,
        policy: ToolPolicy,
        rule: str,
        emit: Emitter,
        doubts: _Doubts,
    ) -> ToolResult:
        reason = ""
        for _ in range(_TRIES_ON_CHANGING_FILE):
            prepared = _with_caution(await tool.prepare(call), doubts)
            is_always = self.always is not None and self.always.covers(prepared)
            ruling = rule_on(prepared, policy, rule, self.grants, is_always_granted=is_always)
            if ruling.policy == "deny":
                return _refused(f"Refused: {ruling.rule}")
            if ruling.policy == "prompt":
                refusal = await self._ask(prepared, ruling.rule, reason, emit)
                if refusal is not None:
                    return refusal
            proven = prepared.execute_proven if ruling.by_policy else None
            execute = proven or prepared.execute
            emit(ToolCallStarted(call.call_id))
            if prepared.effect is not Effect.READ:
                await emit.recorder.saved()
            try:
                async with self.watched(prepared, emit):
                    return await execute(lambda text: emit(ToolOutputDelta(call.call_id, text)))
            except FileChanged as error:
                reason = error.what
        return _failed(f"{reason} It keeps changing; read it again before you change it.")

    async def _ask(
        self, prepared: PreparedCall, rule: str, reason: str, emit: Emitter
    ) -> ToolResult | None:
        """Ask the user; None means the call may run."""
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
            may_grant=prepared.may_grant,
            sandbox=prepared.sandbox or _OWN_WORK,
            always_scope=ALWAYS_SCOPE if self.always and may_be_always(prepared) else "",
            heed=what_to_heed(prepared.subject) if prepared.effect is Effect.EXECUTE else "",
        )
        shown = request.digest
        decision = await self._decision(request, emit)
        if decision.verdict is Verdict.DENY:
            return _denied(decision)
        if request.digest != shown:
            return _refused("Refused: the call is no longer the one that the user was asked about.")
        if decision.verdict is Verdict.SESSION and prepared.may_grant:
            self._grant(prepared.grant_key, emit)
        if decision.verdict is Verdict.ALWAYS and request.always_scope and self.always is not None:
            try:
                await self.always.add(prepared)
            except ConfigError as error:
                text = f"The approval holds for this call alone: it could not be kept. {error}"
                emit(NoticeRaised(NoticeLevel.WARNING, text))
        return None

    async def _ask_about_failing(
        self, tool: Tool, call: ToolCall, error: str, emit: Emitter, in_a_row: int
    ) -> ToolResult | None:
        """Ask whether a call that keeps failing in ``prepare`` may be repeated; None means it may."""
        key = grant_key("failing", call.name, call.canonical_arguments())
        if in_a_row < REPEATS_THAT_ASK or self.grants.covers(key):
            return None
        subject = tool.subject(call.arguments)
        request = self._question(
            call,
            f"after the same failing call {in_a_row} times in a row",
            f"{call.name} {subject}\n\n{error}",
            f"{_repeated(in_a_row)} {ALWAYS}",
            "this exact call, however often it fails",
        )
        decision = await self._decision(request, emit)
        if decision.verdict is Verdict.SESSION:
            self._grant(key, emit)
        return _denied(decision) if decision.verdict is Verdict.DENY else None

    def _question(
        self, call: ToolCall, subject: str, text: str, rule: str, session_scope: str
    ) -> ApprovalRequest:
        """A request about whether the model may continue; the answer runs nothing."""
        return ApprovalRequest(
            request_id=uuid.uuid4().hex,
            call=call,
            action="Let the model go on",
            subject=subject,
            preview=TextDisplay(text),
            cwd=self.cwd,
            rule=rule,
            session_scope=session_scope,
        )

    def _grant(self, key: str, emit: Emitter) -> None:
        self.grants.grant(key)
        emit.recorder.record_grant(key)

    async def _decision(self, request: ApprovalRequest, emit: Emitter) -> ApprovalDecision:
        emit(ApprovalRequested(request))
        decision = await self.approve(request)
        emit(ApprovalResolved(request.request_id, request.call.call_id, decision))
        return decision


@dataclass(frozen=True, slots=True)
class _Doubts:
    """Reasons to ask about a call regardless of its policy."""

    in_a_row: int
    is_quoted: bool


def _with_caution(prepared: PreparedCall, doubts: _Doubts) -> PreparedCall:
    """``prepared`` with a caution if the call is repeated or may be a quotation: then the user is
    asked even if it is allowed or granted."""
    if doubts.is_quoted:
        caution = "; ".join(filter(None, (_QUOTED, prepared.caution)))
        prepared = replace(prepared, caution=caution, may_grant=False)
    in_a_row = doubts.in_a_row
    if in_a_row < REPEATS_THAT_ASK:
        return prepared
    return replace(
        prepared,
        caution="; ".join(filter(None, (_repeated(in_a_row), prepared.caution))),
        grant_key=grant_key("repeated", prepared.grant_key),
        session_scope=f"{prepared.session_scope}, however often in a row",
    )


def _repeated(in_a_row: int) -> str:
    return f"the model asks for this same call {in_a_row} times in a row"


def _denied(decision: ApprovalDecision) -> ToolResult:
    if decision.refusal:
        return _refused(f"Refused: {decision.refusal} Go on without it.")
    text = "The user denied this call. Do not repeat it."
    if decision.feedback:
        text += f" The user says: {decision.feedback}"
    return ToolResult(Outcome.DENIED, text, TextDisplay(text), summary="denied")


def _failed(text: str) -> ToolResult:
    return ToolResult(Outcome.FAILED, text, TextDisplay(text), summary="failed")


def _refused(text: str) -> ToolResult:
    return ToolResult(Outcome.REFUSED, text, TextDisplay(text), summary="refused")
