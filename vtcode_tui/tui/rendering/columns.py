"""Wraps lines of several columns so that the text continues below its last column. Pure."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.content import Content

_LINE_HEAD = re.compile(r" *(?:[^ ]+(?: [^ ]+)*(?<![.!?:]) {2,}){0,3}(?:[→•-] )?")


def hanging_indent(line: str, width: int) -> tuple[int, int]:
    """Split a line that is too long: the number of characters of its head, and the indentation of
    its continuation rows in cells.

    Zero for a line that fits. The head is everything left of the last column (columns are separated
    by two blanks), or only the indentation if that would leave too little space.
    """
    if len(line) <= width and cell_len(line) <= width:
        return 0, 0
    found = _LINE_HEAD.match(line)
    head = found.group() if found is not None else ""
    if cell_len(head) <= width // 2:
        return len(head), cell_len(head)
    indent = min(len(line) - len(line.lstrip(" ")), width // 2)
    return indent, indent + 2


def in_columns(content: Content, width: int) -> Content:
    """``content`` wrapped to at most ``width`` cells."""
    width = max(4, width)
    rows: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        if line.cell_length <= width:
            rows.append(line)
            continue
        head, hang = hanging_indent(line.plain, width)
        first, *rest = line[head:].wrap(max(1, width - hang))
        rows.append(line[:head] + first)
        rows += [Content(" " * hang) + row for row in rest]
    return Content("\n").join(rows)
