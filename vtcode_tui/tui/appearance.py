"""Colours and glyphs according to the terminal and the configuration.

A theme's colours are adjusted for readability: a text colour whose contrast on a background is
under ``LEAST_CONTRAST`` is moved towards black or white. The terminal's own colours are unknown, so
only those are used that are readable on black and on white.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from textual.app import App, ReturnType
from textual.color import Color, ColorParseError

from vtcode_tui.tui.contrast import LEAST_CONTRAST, contrast, legible

MUTED_SHARE = 0.7
"""The share of ``$foreground`` in muted text, on all screens."""

SELECTED = "block-cursor-blurred-background"
_BACKGROUNDS = ("background", "surface")
TEXT_VARIABLES = (
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-error",
    "text-warning",
)
_DIFF_SHARE = 0.14
_FAINTEST_SHARE = 0.1
_TARGET_CONTRAST = LEAST_CONTRAST + 0.1
"""Leaves a margin for rounding the result to whole colour values."""
_DIFF_BACKGROUNDS = (("added-background", "success"), ("removed-background", "error"))
TERMINAL_COLOURS: Mapping[str, str] = {
    "text-primary": "ansi_bright_blue",
    "text-secondary": "ansi_magenta",
    "text-accent": "ansi_bright_blue",
    "text-success": "ansi_green",
    "text-error": "ansi_red",
    "text-warning": "ansi_magenta",
    "link-color": "ansi_bright_blue",
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "screen-selection-background": "ansi_blue",
    "screen-selection-foreground": "ansi_bright_white",
    "input-selection-background": "ansi_blue",
    "input-selection-foreground": "ansi_bright_white",
}
"""Variables for themes that use the terminal's own colours."""
_LIMITED_TERMINALS = frozenset({"linux", "vt100", "vt102", "vt220", "dumb", "ansi"})
_SIXTEEN_COLOURS_THEME = "ansi-dark"


class ReadableColours(App[ReturnType]):
    """An app whose themes are adjusted for contrast, with extra variables for its widgets."""

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = readable_variables(super().get_css_variables())
        return self.theme_variables


def readable_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's CSS variables with readable text colours, and ``$added-background`` and
    ``$removed-background`` for diffs."""
    readable = dict(variables)
    if variables.get("background") == "ansi_default":
        readable.update(TERMINAL_COLOURS)
    backgrounds = [
        background for name in _BACKGROUNDS if (background := _rgb(variables.get(name, "")))
    ]
    foreground = _rgb(variables.get("foreground", ""))
    selected = _parsed(variables.get(SELECTED, ""))
    if foreground is not None and selected is not None and backgrounds:
        faintest = _tinted(backgrounds, selected, _FAINTEST_SHARE)
        foreground = _foreground(foreground, backgrounds + faintest)
        readable["foreground"] = foreground.hex
        readable[SELECTED] = _faint_selection(selected, foreground, backgrounds).hex
    tinted = list(backgrounds)
    for name, tone in _DIFF_BACKGROUNDS:
        colour = _rgb(variables.get(tone, ""))
        if colour is None or not backgrounds:
            readable[name] = "ansi_default"
            continue
        readable[name] = colour.with_alpha(_DIFF_SHARE).hex
        tinted += _tinted(backgrounds, colour, _DIFF_SHARE)
    for name in TEXT_VARIABLES:
        text = _rgb(variables.get(name, ""))
        if text is not None:
            readable[name] = legible(text, tinted, _TARGET_CONTRAST).hex
    return readable


def _tinted(backgrounds: Iterable[Color], tone: Color, share: float) -> list[Color]:
    return [background.blend(tone.with_alpha(1), share) for background in backgrounds]


def _is_muted_legible(foreground: Color, backgrounds: Iterable[Color]) -> bool:
    """Whether ``foreground`` stays readable when only MUTED_SHARE of it is mixed into a background."""
    return all(
        contrast(each.blend(foreground, MUTED_SHARE), each) >= _TARGET_CONTRAST
        for each in backgrounds
    )


def _foreground(foreground: Color, backgrounds: Sequence[Color]) -> Color:
    """The nearest colour whose muted shade is readable on all ``backgrounds``."""
    ends = (Color(0, 0, 0), Color(255, 255, 255))
    goal = max(ends, key=lambda end: contrast(end, backgrounds[0]))
    mixtures = (foreground.blend(goal, step / 20) for step in range(21))
    return next((each for each in mixtures if _is_muted_legible(each, backgrounds)), goal)


def _faint_selection(selected: Color, foreground: Color, backgrounds: Sequence[Color]) -> Color:
    """A background for selected lines that is faint enough for muted text."""
    for percent in range(round(selected.a * 100), round(_FAINTEST_SHARE * 100), -2):
        if _is_muted_legible(foreground, _tinted(backgrounds, selected, percent / 100)):
            return selected.with_alpha(percent / 100)
    return selected.with_alpha(_FAINTEST_SHARE)


def _rgb(value: str) -> Color | None:
    """An opaque colour, or None for a terminal colour or no colour."""
    colour = _parsed(value)
    return None if colour is None or colour.a < 1 else colour


def _parsed(value: str) -> Color | None:
    try:
        colour = Color.parse(value)
    except ColorParseError:
        return None
    return None if colour.ansi is not None else colour


def wants_ascii(environ: Mapping[str, str], configured: bool | None) -> bool:
    """Whether to draw only ASCII glyphs: as configured, else as the terminal indicates."""
    if configured is not None:
        return configured
    return is_ascii_only(environ) or environ.get("TERM", "") in _LIMITED_TERMINALS


def is_ascii_only(environ: Mapping[str, str]) -> bool:
    """Whether the locale names a character set other than UTF-8. An unset locale does not."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = environ.get(name, "")
        if value:
            return "utf-8" not in value.lower() and "utf8" not in value.lower()
    return False


def theme_for(color_system: str | None) -> str | None:
    """The default theme: the terminal's own colours on a terminal of 16 colours; else None."""
    return _SIXTEEN_COLOURS_THEME if color_system == "standard" else None
