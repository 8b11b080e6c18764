"""Lays out Markdown tables: columns that fit the width, wrapped cells. Pure.

The first rows determine the widths. If a column would be narrower than its words, ``records`` draws
the table instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vtcode_tui.transcript.markdown import TABLE_SAMPLE
from vtcode_tui.transcript.parsing import References
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.inline import inline_runs
from vtcode_tui.tui.blocks.lines import Line, Run, cells, longest_word, wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

_SEPARATOR = " │ "
_RULE = "─┼─"
_SLACK = 4
_LONGEST_WORD = 24
"""Longest word, in cells, that is kept whole in a column. Longer ones, such as paths, may be
broken."""

Row = list[list[Run]]


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The widths in cells and alignments (``left``, ``center``, ``right``) of a table's columns."""

    widths: tuple[int, ...]
    alignments: tuple[str, ...]


def table_rows(tokens: Sequence[Token], references: References) -> tuple[list[Row], list[str]]:
    """The rows of a table's tokens, the head first, and the alignments of its columns."""
    rows: list[Row] = []
    alignments: list[str] = []
    is_head = False
    for index, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            is_head = token.type == "th_open"
            if is_head:
                alignments.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
            key = styles.TEXT | (styles.BOLD if is_head else 0)
            rows[-1].append(inline_runs(tokens[index + 1].content, references, key))
    return rows, alignments


def fit_columns(
    rows: Sequence[Row], alignments: Sequence[str], width: int, *, complete_rows: int | None = None
) -> TableColumns | None:
    """Compute column widths from the first rows; return None if the columns do not fit.

    Only the first ``complete_rows`` rows decide whether they fit, since a row that is still being
    written may end in half a word or link. Further rows can turn columns into None, but not the reverse.
    """
    count = len(alignments)
    room = width - len(_SEPARATOR) * (count - 1)
    words = _longest_words(rows[: TABLE_SAMPLE + 1][:complete_rows], count)
    if count == 0 or room < sum(words):
        return None
    natural, least = [1] * count, [1] * count
    for row in rows[: TABLE_SAMPLE + 1]:
        for column, runs in enumerate(row[:count]):
            text = "".join([text for text, _ in runs])
            natural[column] = max(natural[column], cells(text))
            least[column] = max(least[column], *map(cells, text.split()), 1)
    widths = _distribute(natural, least, room)
    if len(rows) > TABLE_SAMPLE:
        widths = _add_slack(widths, room)
    return TableColumns(tuple(widths), tuple(alignments))


def _longest_words(rows: Sequence[Row], count: int) -> list[int]:
    """The length in cells of the longest word in each column."""
    longest = [1] * count
    for row in rows:
        for column, runs in enumerate(row[:count]):
            text = "".join([text for text, _ in runs])
            longest[column] = max(longest[column], longest_word(text, _LONGEST_WORD))
    return longest


def _add_slack(widths: Sequence[int], room: int) -> list[int]:
    """Add some width, since later rows of a long table may have longer words than those seen."""
    slack = min(_SLACK, max(0, room - sum(widths)) // len(widths))
    return [width + slack for width in widths]


def _distribute(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths that break no word if there is room; ``least`` holds the longest words."""
    if sum(natural) <= room:
        return list(natural)
    if sum(least) >= room:
        return _level_widths(least, room)
    widths = list(least)
    others = list(range(len(natural)))
    while long := [each for each in others if least[each] > room // len(others)]:
        room -= sum(least[each] for each in long)
        others = [each for each in others if each not in long]
    for column, width in zip(
        others, _level_widths([natural[n] for n in others], room), strict=True
    ):
        widths[column] = width
    return widths


def _level_widths(natural: Sequence[int], room: int) -> list[int]:
    """Give narrow columns their natural width and divide the rest among the wide ones."""
    widths = list(natural)
    if sum(widths) <= room:
        return widths
    open_columns = set(range(len(widths)))
    while open_columns:
        share = room // len(open_columns)
        narrow = {column for column in open_columns if natural[column] <= share}
        if not narrow:
            break
        room -= sum(natural[column] for column in narrow)
        open_columns -= narrow
    for position, column in enumerate(sorted(open_columns)):
        share = room // (len(open_columns) - position)
        widths[column] = share
        room -= share
    return widths


def render_rows(rows: Sequence[Row], columns: TableColumns, *, has_head: bool) -> list[Line]:
    """Draw rows as lines, with a rule under the head."""
    lines: list[Line] = []
    for index, row in enumerate(rows):
        lines += _render_row(row, columns)
        if has_head and index == 0:
            rule = _RULE.join("─" * width for width in columns.widths)
            lines.append(Line(((rule, styles.FAINT),)))
    return lines


def _render_row(row: Row, columns: TableColumns) -> list[Line]:
    wrapped = [wrap(runs, width) for runs, width in zip(row, columns.widths, strict=False)]
    wrapped += [[Line(())] for _ in range(len(columns.widths) - len(wrapped))]
    lines: list[Line] = []
    for number in range(max(len(cell) for cell in wrapped)):
        runs: list[Run] = []
        for column, width in enumerate(columns.widths):
            if column:
                runs.append((_SEPARATOR, styles.FAINT))
            cell = wrapped[column]
            inside = cell[number] if number < len(cell) else Line(())
            runs += _aligned(inside, width, columns.alignments[column])
        lines.append(Line(tuple(runs)))
    return lines


def _aligned(line: Line, width: int, alignment: str) -> list[Run]:
    missing = max(0, width - cells(line.text))
    before = {"right": missing, "center": missing // 2}.get(alignment, 0)
    runs = [(" " * before, styles.TEXT), *line.runs, (" " * (missing - before), styles.TEXT)]
    return [run for run in runs if run[0]]
