"""A block as plain text, for copying, an editor and search. Pure, never raises.

The text is what was written, not what the screen shows; it may contain control characters.
"""

from __future__ import annotations

import re
from typing import assert_never

from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    Display,
    FileDiff,
    FileDisplay,
    TextDisplay,
)
from vtcode_tui.transcript.blocks import (
    AnswerBlock,
    Block,
    ErrorBlock,
    NoticeBlock,
    PromptBlock,
    ThinkingBlock,
    ToolCallBlock,
    TurnEndBlock,
)

_SIGNS = {"context": " ", "added": "+", "removed": "-"}
_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


def block_text(block: Block) -> str:
    """Everything in the block, whether visible or not."""
    match block:
        case PromptBlock(text=text) | NoticeBlock(text=text):
            return text
        case ThinkingBlock(text=buffer) | AnswerBlock(text=buffer):
            return buffer.text.strip("\n")
        case ToolCallBlock():
            return _tool_call_text(block)
        case ErrorBlock():
            return "\n".join(part for part in (block.what, block.why, block.advice) if part)
        case TurnEndBlock(end=end):
            return str(end)
        case _:
            assert_never(block)


def _tool_call_text(block: ToolCallBlock) -> str:
    head = f"{block.name} {block.subject}".rstrip()
    if block.result is None:
        body = block.output.text
    else:
        body = display_text(block.result.display) or block.result.content
    summary = block.result.summary if block.result is not None else ""
    return "\n".join(part for part in (head, summary, body.strip("\n")) if part)


def display_text(display: Display) -> str:
    """A tool's display as text; a change as a unified diff."""
    match display:
        case TextDisplay(text=text) | FileDisplay(text=text):
            return text
        case CommandDisplay(command=command, output=output):
            return f"$ {command}\n{output}".rstrip("\n") if command else output
        case DiffDisplay(diff=diff):
            return diff_text(diff)
        case _:
            assert_never(display)


def diff_text(diff: FileDiff) -> str:
    """``diff`` in the unified format."""
    lines = [f"--- {'/dev/null' if diff.is_new_file else diff.path}", f"+++ {diff.path}"]
    for hunk in diff.hunks:
        old = [line.old_number for line in hunk if line.old_number is not None]
        new = [line.new_number for line in hunk if line.new_number is not None]
        old_place = f"{old[0] if old else 0},{len(old)}"
        new_place = f"{new[0] if new else 0},{len(new)}"
        lines.append(f"@@ -{old_place} +{new_place} @@")
        lines += [f"{_SIGNS[line.kind]}{line.text}" for line in hunk]
    return "\n".join(lines)


def code_blocks(markdown: str) -> list[tuple[str, str]]:
    """The fenced code blocks in a text, each as language and lines."""
    found: list[tuple[str, str]] = []
    position = 0
    while opening := _FENCE.search(markdown, position):
        indent, fence, info = opening.groups()
        closing = re.compile(rf"^ {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
        end = closing.search(markdown, opening.end())
        stop = end.start() if end is not None else len(markdown)
        body = markdown[opening.end() : stop].strip("\n")
        code = "\n".join(line.removeprefix(indent) for line in body.split("\n"))
        words = info.split()
        found.append((words[0] if words else "", code))
        if end is None:
            break
        position = end.end()
    return found
