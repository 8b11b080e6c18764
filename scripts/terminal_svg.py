"""Draws a screen of the app as SVG: one picture, or a film of many that plays by itself.

Nothing is loaded from elsewhere, and every run of text says how wide it is, so that columns stay
columns whatever fixed-width font there is. Bars and lines are drawn, not written, so that they join.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App

CELL, LINE = 12, 24
MARGIN, HEAD = 14, 40
FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_PARTS = re.compile(r"[ -~]+|(.)\1*", flags=re.DOTALL)
_LEFT_BLOCKS = {chr(0x2590 - eighths): eighths / 8 for eighths in range(1, 9)}
_LOWER_BLOCKS = {chr(0x2580 + eighths): eighths / 8 for eighths in range(1, 8)}


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one look: where they begin, how many they are, and what is in them."""

    column: int
    cells: int
    text: str
    colour: str
    background: str
    is_bold: bool
    is_italic: bool
    is_underlined: bool


Row = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """What is on the screen at one moment."""

    rows: tuple[Row, ...]
    columns: int
    background: str
    is_dark: bool


def shot(app: App[object]) -> Shot:
    """The screen of ``app`` as it is now."""
    variables = app.theme_variables
    plain = (variables["foreground"], variables["background"])
    strips = app.screen._compositor.render_strips()
    rows = tuple(tuple(_runs(strip, plain)) for strip in strips)
    return Shot(rows, app.size.width, variables["background"], app.current_theme.dark)


def picture(taken: Shot, *, title: str) -> str:
    """One shot in a window."""
    rows = "".join(
        f'<g transform="translate(0 {at * LINE})">{_row(row, taken.background)}</g>\n'
        for at, row in enumerate(taken.rows)
        if _row(row, taken.background)
    )
    return _window(taken, title=title, style="", body=rows)


def film(shots: Sequence[tuple[Shot, float]], *, title: str) -> str:
    """Shots with the seconds that each stays, played over and over. Whoever wants no motion sees the
    last one. A row that is in many shots is drawn once."""
    total_s = sum(seconds for _, seconds in shots)
    names: dict[str, str] = {}
    rules, frames, begin = [], [], 0.0
    for number, (taken, seconds) in enumerate(shots):
        first, after = 100 * begin / total_s, 100 * (begin + seconds) / total_s
        begin += seconds
        # Each is shown in its own part of the round, and hidden before and after.
        hidden = "0%{visibility:hidden}" if first > 0 else ""
        end = f"{after:.3f}%{{visibility:hidden}}" if number < len(shots) - 1 else ""
        rules.append(f"@keyframes k{number}{{{hidden}{first:.3f}%{{visibility:visible}}{end}}}")
        rules.append(f"#f{number}{{animation-name:k{number}}}")
        uses = []
        for at, row in enumerate(taken.rows):
            drawn = _row(row, taken.background)
            if drawn:
                name = names.setdefault(drawn, f"r{len(names)}")
                uses.append(f'<use href="#{name}" y="{at * LINE}"/>')
        frames.append(f'<g id="f{number}" class="f">{"".join(uses)}</g>\n')
    drawn_rows = "".join(f'<g id="{name}">{drawn}</g>\n' for drawn, name in names.items())
    style = (
        f".f{{visibility:hidden;animation:{total_s:.2f}s step-end infinite}}\n"
        + "\n".join(rules)
        + "\n@media (prefers-reduced-motion: reduce){.f{animation:none!important}"
        + f"#f{len(shots) - 1}{{visibility:visible}}}}"
    )
    body = f"<defs>{drawn_rows}</defs>\n{''.join(frames)}"
    return _window(shots[-1][0], title=title, style=style, body=body)


def _runs(segments: Iterable[Segment], plain: tuple[str, str]) -> Iterable[Run]:
    column = 0
    for (colour, background, bold, italic, underlined), group in groupby(
        segments, key=lambda segment: _look(segment, plain)
    ):
        text = "".join(segment.text for segment in group)
        for found in _PARTS.finditer(text):
            cells = cell_len(found[0])
            if cells:
                yield Run(column, cells, found[0], colour, background, bold, italic, underlined)
            column += cells


def _look(segment: Segment, plain: tuple[str, str]) -> tuple[str, str, bool, bool, bool]:
    style = segment.style
    if style is None:
        return (*plain, False, False, False)
    colour = style.color.get_truecolor().hex if style.color else plain[0]
    background = style.bgcolor.get_truecolor().hex if style.bgcolor else plain[1]
    if style.reverse:
        colour, background = background, colour
    return (colour, background, bool(style.bold), bool(style.italic), bool(style.underline))


def _row(row: Row, background: str) -> str:
    return "".join(_ground(row, background)) + "".join(map(_written, row))


def _ground(row: Row, background: str) -> Iterable[str]:
    for colour, group in groupby(row, key=lambda run: run.background):
        runs = list(group)
        if colour.lower() != background.lower():
            left, right = runs[0].column, runs[-1].column + runs[-1].cells
            yield _bar(left * CELL, 0, (right - left) * CELL, LINE, colour)


def _written(run: Run) -> str:
    x, width = run.column * CELL, run.cells * CELL
    if not run.text.strip():
        return _line(run) if run.is_underlined else ""
    glyph = run.text[0]
    if glyph == "█":
        return _bar(x, 0, width, LINE, run.colour)
    if glyph in _LEFT_BLOCKS:
        return "".join(
            _bar(x + at * CELL, 0, CELL * _LEFT_BLOCKS[glyph], LINE, run.colour)
            for at in range(run.cells)
        )
    if glyph in _LOWER_BLOCKS:
        high = LINE * _LOWER_BLOCKS[glyph]
        return _bar(x, LINE - high, width, high, run.colour)
    if glyph == "▀":
        return _bar(x, 0, width, LINE / 2, run.colour)
    if glyph in "─━":
        thick = 2 if glyph == "─" else 3
        return _bar(x, (LINE - thick) / 2, width, thick, run.colour)
    if glyph in "│┃":
        thick = 2 if glyph == "│" else 3
        return "".join(
            _bar(x + at * CELL + (CELL - thick) / 2, 0, thick, LINE, run.colour)
            for at in range(run.cells)
        )
    look = "".join(
        [
            ' font-weight="bold"' if run.is_bold else "",
            ' font-style="italic"' if run.is_italic else "",
        ]
    )
    inner = run.text.strip(" ")
    x += (len(run.text) - len(run.text.lstrip(" "))) * CELL
    return (
        f'<text x="{x}" y="17" fill="{run.colour}" textLength="{cell_len(inner) * CELL}"'
        f' lengthAdjust="spacingAndGlyphs"{look}>{escape(inner, quote=False)}</text>'
        + (_line(run) if run.is_underlined else "")
    )


def _line(run: Run) -> str:
    return _bar(run.column * CELL, LINE - 4, run.cells * CELL, 1, run.colour)


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>'


def _window(taken: Shot, *, title: str, style: str, body: str) -> str:
    inner_width, inner_height = taken.columns * CELL, len(taken.rows) * LINE
    width, height = inner_width + 2 * MARGIN, inner_height + HEAD + MARGIN
    frame, mark = ("#2b2b2b", "#5a5a5a") if taken.is_dark else ("#d4d4d4", "#a0a0a0")
    dots = "".join(f'<circle cx="{24 + 22 * at}" cy="20" r="6" fill="{mark}"/>' for at in range(3))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>text{{font-family:{FONTS};font-size:20px;white-space:pre}}\n"
        f"rect{{shape-rendering:crispEdges}}{style}</style>\n"
        f'<rect width="{width}" height="{height}" rx="9" fill="{frame}"'
        f' style="shape-rendering:auto"/>{dots}\n'
        f'<svg x="{MARGIN}" y="{HEAD}" width="{inner_width}" height="{inner_height}">'
        f'<rect width="100%" height="100%" fill="{taken.background}"/>\n{body}</svg>\n</svg>\n'
    )
