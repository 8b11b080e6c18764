"""Style keys turned into the colours of the present theme. Pure once it is made.

Colours that come out too faint on their ground are moved towards black or white until the contrast
is at least 4.5, so that a theme's accent stays legible as text.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

from vtcode_tui.tui.blocks import styles

_MIN_CONTRAST = 4.5
_FAINT_CONTRAST = 1.6
_STEPS = 12
_QUIET = (styles.MUTED, styles.FAINT, styles.COMMENT)


class Palette:
    """Styles by key. ``roles`` and ``grounds`` are named as in ``styles``; ``base`` is the widget's."""

    def __init__(
        self, base: Style, roles: Mapping[str, Style], grounds: Mapping[str, Style]
    ) -> None:
        self.base = base
        self._roles = [roles[name] for name in styles.ROLES]
        self._grounds = [base.bgcolor, *(grounds[name].bgcolor for name in styles.GROUNDS[1:])]
        self._styles: dict[int, Style] = {}
        self.signature = (base, *self._roles, *self._grounds)

    def style(self, key: int) -> Style:
        """The style for a key, as ``styles`` composes them."""
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = self._make(key)
        return found

    def _make(self, key: int) -> Style:
        role = key & styles.ROLE_MASK
        named = self._roles[role]
        ground = self._grounds[(key & styles.GROUND_MASK) >> styles.GROUND_SHIFT]
        least = _FAINT_CONTRAST if role == styles.FAINT else _MIN_CONTRAST
        return Style(
            color=_legible(named.color, ground, least),
            bgcolor=ground,
            bold=bool(key & styles.BOLD) or None,
            italic=bool(key & styles.ITALIC) or None,
            strike=bool(key & styles.STRIKE) or None,
            underline=bool(key & styles.UNDERLINE) or None,
            dim=named.dim or (role in _QUIET and _is_terminals_own(named.color)) or None,
        )


def _is_terminals_own(color: RichColor | None) -> bool:
    """Whether the terminal decides what the colour looks like, so that it cannot be mixed."""
    return color is None or color.triplet is None


def _legible(color: RichColor | None, ground: RichColor | None, least: float) -> RichColor | None:
    """``color`` or the nearest one that stands out enough; a terminal's own colours stay."""
    if color is None or ground is None or color.triplet is None or ground.triplet is None:
        return color
    front, back = Color(*color.triplet), Color(*ground.triplet)
    if contrast(front, back) >= least:
        return color
    goal = max(Color(0, 0, 0), Color(255, 255, 255), key=lambda end: contrast(end, back))
    for step in range(1, _STEPS + 1):
        mixed = front.blend(goal, step / _STEPS)
        if contrast(mixed, back) >= least:
            break
    return mixed.rich_color


def contrast(first: Color, second: Color) -> float:
    """The contrast ratio of two colours as WCAG defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    channels = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (color.r / 255, color.g / 255, color.b / 255)
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
