"""A conversation with every kind of block, for snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from vtcode_tui.conversation.events import (
    Event,
    NoticeLevel,
    NoticeRaised,
    ReasoningDelta,
    TextDelta,
    ToolCallFinished,
    ToolCallRequested,
    TurnEnd,
    TurnFinished,
    TurnStarted,
)
from vtcode_tui.conversation.messages import ToolCall
from vtcode_tui.conversation.results import (
    CommandDisplay,
    DiffDisplay,
    DiffLine,
    Display,
    FileDiff,
    FileDisplay,
    Outcome,
    TextDisplay,
    ToolResult,
)

OPENED = frozenset({"read_file", "edit_file"})
"""Tools whose calls are shown unfolded."""

_CHANGE = FileDiff(
    "src/parser.py",
    (
        (
            DiffLine("context", 10, 10, "def split(self, received: bytes) -> list[bytes]:"),
            DiffLine("removed", 11, None, "    self._rest = self._rest + received"),
            DiffLine("removed", 12, None, "    lines = self._rest.split(b'\\n')"),
            DiffLine("added", None, 11, "    self._rest += received"),
            DiffLine(
                "context", 13, 12, "    return lines  # and a comment that goes on and on, too long"
            ),
        ),
        (DiffLine("context", 40, 39, "class Parser:"), DiffLine("added", None, 40, "    size = 1")),
    ),
    2,
    2,
)
_ANSWER = """\
The loop ends **before** the rest is flushed. See [the docs](https://docs.python.org/3/library/io.html)
and https://example.org/x.

## What I changed

- `parser.py` keeps the rest
- [ ] tests

> A quote.

```python
def f(x):
    return x  # comment
```
"""


def _call(
    name: str, subject: str, outcome: Outcome, display: Display, summary: str, duration_s: float
) -> Iterator[Event]:
    call = ToolCall(name + subject, name, {})
    yield ToolCallRequested(call, subject)
    yield ToolCallFinished(call.call_id, ToolResult(outcome, "", display, summary, duration_s))


def every_kind_of_block() -> Iterator[Event]:
    yield TurnStarted(1, "Why does it drop the last line?\nAnd please write a test.")
    yield ReasoningDelta("The user asks about the end of a file. " * 10)
    shown = FileDisplay("a.py", "def f():\n    return 1\n")
    yield from _call("read_file", "src/lines.py", Outcome.OK, shown, "2 lines", 0.4)
    found = TextDisplay("src/lines.py:1")
    yield from _call("search_files", "split in src/", Outcome.OK, found, "14 matches", 0.4)
    change = DiffDisplay(_CHANGE)
    yield from _call("edit_file", "src/parser.py", Outcome.OK, change, "+2 -2", 0.0)
    command = "python -m pytest -q tests/unit/test_lines.py -k split && echo a very long command"
    output = CommandDisplay(command, "/", "E   assert 1 == 2\n1 failed in 0.12s\n", 1)
    yield from _call("run_terminal_cmd", command, Outcome.FAILED, output, "exit 1", 12.3)
    refused = TextDisplay("This path lies outside the workspace.")
    yield from _call("write_file", "../x", Outcome.REFUSED, refused, "outside the workspace", 0.0)
    yield from _call("write_file", "notes.md", Outcome.DENIED, TextDisplay(""), "denied", 0.0)
    yield TextDelta(_ANSWER)
    yield NoticeRaised(NoticeLevel.INFO, "Context compacted: 12 messages became one.")
    yield NoticeRaised(NoticeLevel.WARNING, "The server answered slowly.")
    yield TurnFinished(TurnEnd.CANCELLED, 1.0)
