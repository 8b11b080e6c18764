"""Blocks as plain text."""

from __future__ import annotations

from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    FileDiff,
    Outcome,
    ToolResult,
)
from vtcode_tui.transcript.blocks import ErrorBlock, PromptBlock, ToolCallBlock, ToolState
from vtcode_tui.transcript.plain import block_text, code_blocks

DIFF = FileDiff(
    "a.py",
    (
        (
            DiffLine("context", 1, 1, "x"),
            DiffLine("removed", 2, None, "old"),
            DiffLine("added", None, 2, "new"),
        ),
    ),
    1,
    1,
)


def test_a_prompt_is_copied_as_it_was_typed() -> None:
    assert block_text(PromptBlock("  two\nlines ")) == "  two\nlines "


def test_a_call_is_its_header_and_what_it_shows() -> None:
    shown = CommandDisplay("ls", "/", "a\nb\n", 0)
    result = ToolResult(Outcome.OK, "a b", shown, "exit 0")
    block = ToolCallBlock("1", "run_terminal_cmd", "ls", ToolState.OK, result=result)
    assert block_text(block) == "run_terminal_cmd ls\nexit 0\n$ ls\na\nb"


def test_a_change_is_a_unified_diff() -> None:
    result = ToolResult(Outcome.OK, "", DiffDisplay(DIFF), "+1 -1")
    block = ToolCallBlock("1", "edit_file", "a.py", ToolState.OK, result=result)
    assert block_text(block).endswith("--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n x\n-old\n+new")


def test_an_error_is_all_three_parts() -> None:
    assert block_text(ErrorBlock("What", "why", "do")) == "What\nwhy\ndo"


def test_code_is_taken_out_of_its_fences() -> None:
    text = "Hi\n\n```python\nx = 1\n\ny = 2\n```\n\n~~~\n```\nraw\n~~~\n\n```sh\nnever closed\n"
    assert code_blocks(text) == [
        ("python", "x = 1\n\ny = 2"),
        ("", "```\nraw"),
        ("sh", "never closed"),
    ]
    assert code_blocks("no code") == []
