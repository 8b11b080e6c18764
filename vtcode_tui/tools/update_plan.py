"""The tool update_plan: a checklist of the task that the model maintains and the user sees.

It changes nothing: the plan is the arguments of the last call, stored only in the conversation.
"""

from __future__ import annotations

import re

from vtcode_tui.conversation.messages import JsonObject, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay, ToolResult
from vtcode_tui.tools.base import (
    Effect,
    OutputSink,
    PreparedCall,
    ToolInputError,
    grant_key,
    one_line,
)
from vtcode_tui.workspace.text import without_surrogates

UPDATE_PLAN = "update_plan"
_MOST_STEPS = 50
_LONGEST_STEP = 200
_STEP = re.compile(r"\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\[([ xX>~-])\]\s*)?(.+)")
_MARKS = {" ": "☐", "x": "☑", ">": "▶", "~": "▶", "-": "▶"}

_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "plan": {"type": "string", "description": "a line a step: [x] done, [>] now, [ ] later"}
    },
    "required": ["plan"],
}


class UpdatePlan:
    name = UPDATE_PLAN
    description = "Show the user the plan of a long task; each time the whole of it."
    effect = Effect.READ
    parameters = _PARAMETERS

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd

    def subject(self, arguments: JsonObject) -> str:
        steps = _steps(arguments.get("plan"))
        now = next((text for mark, text in steps if mark not in " x"), "")
        return one_line(now or f"{len(steps)} steps")

    async def prepare(self, call: ToolCall) -> PreparedCall:
        steps = _steps(call.arguments.get("plan"))
        if not steps:
            raise ToolInputError(
                "update_plan was called without a step.",
                advice="Give plan as lines such as: [x] read the parser\n[>] write the test\n[ ] run it",
            )
        done = sum(mark == "x" for mark, _ in steps)
        summary = f"{done} of {len(steps)} done"
        display = TextDisplay("\n".join(f"{_MARKS[mark]} {text}" for mark, text in steps))
        result = ToolResult(Outcome.OK, f"The user sees the plan: {summary}.", display, summary)

        async def execute(_: OutputSink) -> ToolResult:
            return result

        return PreparedCall(
            call=call,
            effect=self.effect,
            subject=self.subject(call.arguments),
            action="Show a plan",
            preview=display,
            cwd=self._cwd,
            grant_key=grant_key(self.name),
            session_scope="update_plan",
            execute=execute,
        )


def open_steps(arguments: JsonObject) -> int:
    """How many steps of the plan are not done."""
    return sum(mark != "x" for mark, _ in _steps(arguments.get("plan")))


def _steps(plan: object) -> list[tuple[str, str]]:
    """Mark and text of each step; an unmarked line is an open step. Models send lists too."""
    lines = plan.splitlines() if isinstance(plan, str) else plan if isinstance(plan, list) else []
    steps: list[tuple[str, str]] = []
    for line in lines[:_MOST_STEPS]:
        if not isinstance(line, str) or not line.strip():
            continue
        found = _STEP.fullmatch(line)
        mark, text = ((found[1] or " ").lower(), found[2]) if found else (" ", line)
        steps.append((mark, without_surrogates(text.strip()[:_LONGEST_STEP])))
    return steps
