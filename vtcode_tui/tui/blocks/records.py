"""Draws table rows as ``key: value`` lines, for tables whose columns would be too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.lines import Line, Run, wrap
from vtcode_tui.tui.blocks.tables import Row

_INDENT: Run = ("  ", styles.TEXT)
_RULE_CELLS = 24


@dataclass(frozen=True, slots=True)
class RecordKeys:
    """The cells of a table's head, which precede the values; ``width`` is in cells."""

    keys: tuple[tuple[Run, ...], ...]
    width: int


def record_keys(head: Row, width: int) -> RecordKeys:
    return RecordKeys(tuple(tuple(cell) for cell in head), width)


def render_records(rows: Sequence[Row], keys: RecordKeys, *, is_first: bool) -> list[Line]:
    """Draw rows without the head, separated by rules. ``is_first`` says that no row was drawn
    before."""
    if is_first and not rows:
        names: list[Run] = []
        for key in keys.keys:
            names += [(" · ", styles.FAINT)] if names else []
            names += key
        return wrap(names, keys.width)
    rule = Line((("─" * min(_RULE_CELLS, keys.width), styles.FAINT),))
    lines: list[Line] = []
    for row in rows:
        if lines or not is_first:
            lines.append(rule)
        for key, value in zip(keys.keys, row, strict=False):
            runs = [*key, (": ", styles.TEXT), *value] if key else value
            first, *rest = wrap(runs, keys.width - len(_INDENT[0]))
            lines += [first, *(_indented(line) for line in rest)]
    return lines


def _indented(line: Line) -> Line:
    return Line((_INDENT, *line.runs), decor=1, joint=line.joint)
