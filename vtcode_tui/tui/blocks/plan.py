"""Draws the model's plan as a checklist with a header. Pure."""

from __future__ import annotations

from vtcode_tui.conversation.results import TextDisplay, ToolResult
from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.blocks.displays import BAR, bounded
from vtcode_tui.tui.blocks.lines import Line, cells, cropped, prefixed, wrap

_NAME = "plan"
_DONE, _IN_WORK = "☑", "▶"
_STEP_STYLES: dict[str, tuple[int, int]] = {
    _DONE: (styles.SUCCESS, styles.MUTED),
    _IN_WORK: (styles.ACCENT, styles.TEXT | styles.BOLD),
}
"""The styles of a step's mark and text; a pending step is plain text."""


def plan_lines(result: ToolResult | None, width: int, *, is_open: bool) -> list[Line]:
    """A line with the progress, and with ``is_open`` the steps below it."""
    fold = " ▾" if is_open else " ▸"
    summary = f" {clean_line(result.summary, 60)}" if result else ""
    header = (
        (_NAME, styles.TEXT | styles.BOLD),
        (cropped(summary, max(1, width - cells(_NAME + fold))), styles.TEXT),
        (fold, styles.MUTED),
    )
    return [Line(header), *(_steps(result, width) if is_open else [])]


def _steps(result: ToolResult | None, width: int) -> list[Line]:
    if result is None or not isinstance(result.display, TextDisplay):
        return []
    lines: list[Line] = []
    for step in clean_text(bounded(result.display.text)).splitlines():
        mark, _, words = step.partition(" ")
        of_mark, of_words = _STEP_STYLES.get(mark, (styles.MUTED, styles.TEXT))
        wrapped = wrap([(words, of_words)], max(1, width - cells(f"{BAR[0]}{mark} ")))
        marked = prefixed(wrapped, [(f"{mark} ", of_mark)], [("  ", of_mark)])
        lines += [line._replace(runs=(BAR, *line.runs), decor=1) for line in marked]
    return lines
