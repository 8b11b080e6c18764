"""Switches the chat's modes and asks what to do with a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.policies import is_configured
from vtcode_tui.conversation.events import Event, TurnEnd, TurnFinished, TurnStarted
from vtcode_tui.permissions.modes import MODES, Mode, next_mode
from vtcode_tui.tui.asking import ask_screen

if TYPE_CHECKING:
    from vtcode_tui.agent.plan_watch import PlanWatch

CARRY_OUT = "Carry out the plan."
_MEANINGS: dict[Mode, str] = {
    "normal": "Normal mode: writing and running ask first, unless your settings allow it.",
    "accept-edits": "Accept-edits mode: writes in the workspace run unasked, commands still ask.",
    "plan": "Plan mode: the model only looks; you are asked about a plan it comes to.",
}
_EDITING_TOOLS = ("write_file", "edit_file")


class ModeDesk:
    """``tell`` shows a short message; ``changed`` is called when the mode changes."""

    def __init__(
        self, bench: Workbench, *, tell: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self._bench = bench
        self._tell = tell
        self._changed = changed
        self._end: TurnEnd | None = None
        self._plan: PlanWatch | None = None

    def apply(self, event: Event) -> None:
        """Track how a turn ended, and whether it produced a plan."""
        if self._plan is None and isinstance(event, TurnStarted):
            from vtcode_tui.agent.plan_watch import PlanWatch

            self._plan = PlanWatch()
        if self._plan is not None:
            self._plan.apply(event)
        if isinstance(event, TurnFinished):
            self._end = event.end

    def switch(self, name: str = "") -> None:
        """Switch to the named mode, or to the next one."""
        wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
        mode = next((mode for mode in MODES if wanted and mode.startswith(wanted)), None)
        if wanted and mode is None:
            self._tell(f"There is no such mode. The modes are {', '.join(MODES)}.")
            return
        self._use(mode or next_mode(self._bench.mode))

    async def after_turn(self, app: App[int], keep_typed: Callable[[str], None]) -> str:
        """The prompt that executes a plan, if there is one and the user wants it; else empty."""
        has_plan = self._plan is not None and self._plan.has_plan
        if self._bench.mode != "plan" or self._end is not TurnEnd.DONE or not has_plan:
            return ""
        from vtcode_tui.tui.plan_question import PlanQuestion

        question = PlanQuestion()
        try:
            mode = await ask_screen(app, question)
        finally:
            if question.typed_ahead:
                keep_typed(question.typed_ahead)
        if mode is None:
            return ""
        self._use(mode)
        return CARRY_OUT

    def _use(self, mode: Mode) -> None:
        self._bench.mode = mode
        text = _MEANINGS[mode]
        if mode == "accept-edits":
            text += self._policy_note()
        self._tell(text)
        self._changed()

    def _policy_note(self) -> str:
        """A note if a file's policy for writing takes precedence over the mode."""
        settings = self._bench.launch.loaded.settings.tools
        held = [name for name in _EDITING_TOOLS if is_configured(settings, name)]
        if not held:
            return ""
        return f" But vtcode.toml says what {' and '.join(held)} may do, and that takes precedence (/config)."
