"""Formats a finished command for the model and the user. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from vtcode_tui.conversation.results import CommandDisplay, Outcome, ToolResult
from vtcode_tui.conversation.wording import counted
from vtcode_tui.tools.read_file import shorten_line
from vtcode_tui.workspace.output import cut_text, omission_note
from vtcode_tui.workspace.process import CommandResult
from vtcode_tui.workspace.spool import SpooledOutput

HEAD_BYTES = 8 * 1024
TAIL_BYTES = 24 * 1024
MODEL_BYTES = HEAD_BYTES + TAIL_BYTES
"""More output than this is cut for the model."""

_LOOKED_AT = 4096
_LIKELY_REFUSED = re.compile(
    r"read-only file system|permission denied|operation not permitted|network is unreachable"
    r"|could(?: not|n't) resolve|name resolution|no route to host",
    re.IGNORECASE,
)
_SANDBOX_NOTE = (
    "[a sandbox may be why: it refuses the network and writes outside the project or to .git]"
)


def command_result(
    command: CommandDisplay,
    timeout_s: float,
    result: CommandResult,
    spooled: SpooledOutput | None,
    *,
    is_enclosed: bool,
) -> ToolResult:
    """``command`` is the text that was shown before it ran.

    Only the user is told of the file with the complete output: no tool may read it, and a model
    does better to run the command again with a filter.
    """
    summary = _summary(timeout_s, result)
    is_ok = result.exit_code == 0 and not result.timed_out
    notes: list[str] = []
    if result.left_running:
        left = counted(result.left_running, "background process", "background processes")
        notes.append(f"[left {left}, stopped]")
    if is_enclosed and not is_ok and _LIKELY_REFUSED.search(result.output[-_LOOKED_AT:]):
        notes.append(_SANDBOX_NOTE)
    output = _for_model(result) or "[no output]"
    kept = [] if spooled is None else [_where(spooled)]
    return ToolResult(
        Outcome.OK if is_ok else Outcome.FAILED,
        "\n".join([f"[{summary}]", *notes, output]),
        replace(
            command,
            output="\n".join([result.output, *notes, *kept]),
            exit_code=result.exit_code,
        ),
        summary,
    )


def _where(spooled: SpooledOutput) -> str:
    part = "the whole output" if spooled.is_whole else "the first part of the output"
    return f"[{part} is in {spooled.path}]"


def _summary(timeout_s: float, result: CommandResult) -> str:
    if result.timed_out:
        return f"timed out after {timeout_s:g} s, stopped"
    if result.exit_code is not None:
        return f"exit {result.exit_code}"
    if result.signal_name is None:
        return "ended in an unknown way"
    return f"ended by {result.signal_name}"


def _for_model(result: CommandResult) -> str:
    """Both ends of the output, with a note on what was left out between them."""
    if not result.omitted_bytes:
        kept = cut_text(result.head, HEAD_BYTES, TAIL_BYTES)
        if not kept.omitted_bytes:
            return _short_lines(kept.head)
        return _joined(kept.head, kept.tail, kept.omitted_lines, kept.omitted_bytes)
    head = cut_text(result.head, HEAD_BYTES, 0)
    tail = cut_text(result.tail, 0, TAIL_BYTES)
    return _joined(
        head.head,
        tail.tail,
        result.omitted_lines + head.omitted_lines + tail.omitted_lines,
        result.omitted_bytes + head.omitted_bytes + tail.omitted_bytes,
    )


def _joined(head: str, tail: str, lines: int, count: int) -> str:
    return "\n".join([_short_lines(head), omission_note(lines, count), _short_lines(tail)])


def _short_lines(text: str) -> str:
    return "\n".join(shorten_line(line) for line in text.split("\n"))
