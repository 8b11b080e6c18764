"""Lines with columns that go on under their last column where they are too long. Pure."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.content import Content

_HEAD = re.compile(r" *(?:[^ ]+(?: [^ ]+)*(?<![.!?:]) {2,}){0,3}(?:[→•-] )?")


def hang_of(line: str, width: int) -> tuple[int, int]:
    """How many characters of a line are its head, and how many cells its next lines stand in.

    Zero for a line that fits. The head is what stands left of the last column (columns are parted
    by two blanks), or only the indentation where too little room would be left beside it.
    """
    if len(line) <= width and cell_len(line) <= width:
        return 0, 0
    found = _HEAD.match(line)
    head = found.group() if found is not None else ""
    if cell_len(head) <= width // 2:
        return len(head), cell_len(head)
    indent = min(len(line) - len(line.lstrip(" ")), width // 2)
    return indent, indent + 2


def in_columns(content: Content, width: int) -> Content:
    """``content`` with lines that are at most ``width`` cells wide."""
    width = max(4, width)
    rows: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        if line.cell_length <= width:
            rows.append(line)
            continue
        head, hang = hang_of(line.plain, width)
        first, *rest = line[head:].wrap(width - hang)
        rows.append(line[:head] + first)
        rows += [Content(" " * hang) + row for row in rest]
    return Content("\n").join(rows)
