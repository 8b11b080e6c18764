"""What ``/prompt`` says: everything that a model is told before the user's first word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtcode_tui.agent.agent import Agent


def prompt_report(agent: Agent) -> str:
    """The system prompt as it is sent now, then the tools, with about how much it all takes."""
    preamble = agent.preamble
    names = ", ".join(tool.name for tool in preamble.tools)
    tools = f"Tools, by the server's own way: {names}" if names else "No tools beside it."
    size = f"About {preamble.tokens:,} tokens, with the tools."
    return "\n\n".join([preamble.system, f"{tools}\n{size}"])
