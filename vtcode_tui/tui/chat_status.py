"""What the status line says, from the bench and the turn. Knows no widget."""

from __future__ import annotations

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.ollama.thinking import effort_name
from vtcode_tui.tui.status_bar import Status
from vtcode_tui.tui.turn_status import TurnStatus


def status_of(
    bench: Workbench, turn: TurnStatus, *, session_note: str = "", queued: int = 0
) -> Status:
    """``session_note`` says that the session is not saved; ``queued`` prompts wait."""
    agent = bench.agent
    fill = agent.context_fill if agent else None
    window = bench.window
    return Status(
        model=agent.model.name if agent else "no model",
        effort=(effort_name(agent.model.think) if agent else bench.effort) or "",
        state=turn.state,
        state_since=turn.since,
        tokens_in=turn.tokens_in,
        tokens_out=turn.tokens_out,
        tokens_per_second=turn.tokens_per_second,
        context_tokens=fill.tokens if fill else None,
        context_window=window.num_ctx if window else None,
        context_is_exact=fill.is_exact if fill else True,
        workspace=bench.launch.workspace.name,
        notes=_notes(bench, session_note, queued),
    )


def _notes(bench: Workbench, session_note: str, queued: int) -> tuple[str, ...]:
    agent = bench.agent
    notes = [session_note] if session_note else []
    if agent is not None and agent.model.tool_mode != "native":
        notes.append("tools: text" if agent.model.offers_tools else "no tools")
    if queued:
        notes.append(f"{queued} queued")
    sandbox = agent.sandbox.known_state if agent is not None and agent.sandbox else None
    if sandbox is not None:
        notes.append(sandbox.note)
    return tuple(notes)
