"""The report of ``/prompt``: everything a model is told before the user's first message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtcode_tui.agent.agent import Agent


def prompt_report(agent: Agent) -> str:
    """The current system prompt, then the tools, with the approximate size."""
    preamble = agent.preamble
    names = ", ".join(tool.name for tool in preamble.tools)
    tools = f"Tools, by the server's own way: {names}" if names else "No tools beside it."
    size = f"About {preamble.tokens:,} tokens, with the tools."
    return "\n\n".join([preamble.system, f"{tools}\n{size}"])
