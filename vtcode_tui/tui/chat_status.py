"""Builds the status line from the workbench and the turn. Knows no widget."""

from __future__ import annotations

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.ollama.thinking import effort_name
from vtcode_tui.tui.status_line import Note, Status
from vtcode_tui.tui.turn_status import TurnStatus


def status_of(
    bench: Workbench,
    turn: TurnStatus,
    *,
    session_note: str = "",
    queued: int = 0,
    branch: str = "",
    is_untrusted: bool = False,
) -> Status:
    """The current status. ``session_note`` says that the session is not saved; ``queued`` is the
    number of waiting prompts; ``is_untrusted`` says that the project's settings were left out."""
    agent = bench.agent
    fill = agent.context_fill if agent else None
    window = bench.window
    sandbox = agent.sandbox.known_state if agent is not None and agent.sandbox else None
    trusted = "trusted" if bench.launch.loaded.given_trust is not None else ""
    return Status(
        model=agent.model.name if agent else "no model",
        place=_place(bench),
        effort=(effort_name(agent.model.think) if agent else bench.effort) or "",
        state=turn.state,
        state_since=turn.since,
        mode=bench.mode,
        tools="native tools" if agent is not None and agent.model.tool_mode == "native" else "",
        tokens_in=turn.tokens_in,
        tokens_out=turn.tokens_out,
        tokens_per_second=turn.tokens_per_second,
        context_tokens=fill.tokens if fill else None,
        context_window=window.num_ctx if window else None,
        context_is_exact=fill.is_exact if fill else True,
        branch=branch,
        trust="untrusted" if is_untrusted else trusted,
        sandbox=sandbox.note if sandbox is not None else "",
        sandbox_in_short=sandbox.note_in_short if sandbox is not None else "",
        workspace=bench.launch.workspace.name,
        notes=_notes(bench, session_note, queued),
    )


def _place(bench: Workbench) -> str:
    """Where the model runs: this machine, another one, or the cloud; empty without a model."""
    if bench.agent is None or bench.address is None:
        return ""
    from vtcode_tui.ollama.catalogue import runs_elsewhere

    model = bench.agent.model
    if bench.address.is_cloud or runs_elsewhere(model.name, model.remote_host):
        return "cloud"
    return "local" if bench.address.is_loopback else bench.address.host


def _notes(bench: Workbench, session_note: str, queued: int) -> tuple[Note, ...]:
    agent = bench.agent
    notes = [Note(session_note, "list_sessions")] if session_note else []
    if agent is not None and agent.model.tool_mode != "native":
        words = "tools: text" if agent.model.offers_tools else "no tools"
        notes.append(Note(words, "show_tools"))
    if queued:
        notes.append(Note(f"{queued} queued"))
    return tuple(notes)
