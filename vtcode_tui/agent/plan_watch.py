"""Recognises a plan in a turn's answer. Pure, never raises.

A plan is a list of steps under a heading that says so, which is what the prompt of plan mode asks
for, or a checklist of the tool ``update_plan`` with open steps. Any other list is just an answer.
"""

from __future__ import annotations

import re

from vtcode_tui.conversation.events import (
    Event,
    StepFinished,
    ToolCallFinished,
    ToolCallRequested,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import Outcome
from vtcode_tui.tools.update_plan import UPDATE_PLAN, open_steps

_LONGEST_TITLE = 80
_NO_PLAN = 0
_LOWEST = 6
"""The level of the smallest heading that ends what stands above it; a bold line does not."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_BOLD = re.compile(r"\s*(\*\*|__)(.+?)\1:?\s*")
_STEP = re.compile(r"\s*(?:\d{1,3}[.)]|[-*+])\s+\S")
_NAMES_A_PLAN = re.compile(r"(?:plan\b.*|.*\bplan)\W*", re.IGNORECASE)


class PlanWatch:
    """Consumes the events of each turn; ``has_plan`` refers to the last finished turn."""

    def __init__(self) -> None:
        self.has_plan = False
        self._answer = ""
        self._checklists: dict[str, ToolCall] = {}
        self._has_open_steps = False

    def apply(self, event: Event) -> None:
        match event:
            case TurnStarted():
                self._answer, self._has_open_steps, self.has_plan = "", False, False
                self._checklists.clear()
            case ToolCallRequested(call=call) if call.name == UPDATE_PLAN:
                self._checklists[call.call_id] = call
            case ToolCallFinished(call_id=call_id, result=result) if call_id in self._checklists:
                if result.outcome is Outcome.OK:
                    self._has_open_steps = open_steps(self._checklists[call_id].arguments) > 0
            case StepFinished(message=message):
                self._answer = message.content
            case TurnFinished():
                self.has_plan = self._has_open_steps or holds_plan(self._answer)
            case _:
                pass


def holds_plan(answer: str) -> bool:
    """Whether a Markdown text has steps, numbered or not, under a heading that names a plan: a
    ``#`` heading, a bold line, or a line that ends in a colon."""
    fence, plan_level = "", _NO_PLAN
    for line in answer.splitlines():
        found = _FENCE.match(line)
        if fence:
            fence = "" if found is not None and found[1].startswith(fence) else fence
        elif found is not None:
            fence = found[1]
        elif plan_level and _STEP.match(line):
            return True
        else:
            level, title = _heading(line)
            if level and _NAMES_A_PLAN.fullmatch(title):
                plan_level = level
            elif level and level <= min(plan_level, _LOWEST):
                plan_level = _NO_PLAN
    return False


def _heading(line: str) -> tuple[int, str]:
    """The level and the words of a heading; the level is 0 for a line of text."""
    if len(line) > _LONGEST_TITLE:
        return 0, ""
    heading = _HEADING.match(line)
    if heading is not None:
        return len(heading[1]), heading[2].strip("#*_ \t")
    bold = _BOLD.fullmatch(line)
    if bold is not None:
        return _LOWEST + 1, bold[2]
    return (_LOWEST + 1, line.strip()) if line.rstrip().endswith(":") else (0, "")
