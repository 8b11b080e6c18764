"""Maps style keys to the colours of the current theme. Pure once constructed.

Colours with too little contrast to their background are blended with black or white, so that an
accent colour stays legible as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

from vtcode_tui.tui.blocks import styles
from vtcode_tui.tui.contrast import LEAST_CONTRAST, legible

_FAINT_CONTRAST = 1.6
_MUTED_ROLES = (styles.MUTED, styles.FAINT, styles.COMMENT)


class Palette:
    """Styles by key. ``roles`` and ``backgrounds`` are named as in ``styles``; ``base`` is the widget's
    style."""

    def __init__(
        self, base: Style, roles: Mapping[str, Style], backgrounds: Mapping[str, Style]
    ) -> None:
        self.base = base
        self._roles = [roles[name] for name in styles.ROLES]
        own = [backgrounds[name].bgcolor for name in styles.BACKGROUNDS[1:]]
        # Terminal colours cannot be blended, and as a background they would hide the text.
        self._backgrounds = [base.bgcolor] + [
            base.bgcolor if _is_terminals_own(background) else background for background in own
        ]
        self._styles: dict[int, Style] = {}
        self.signature = (base, *self._roles, *self._backgrounds)

    def style(self, key: int) -> Style:
        """The style for a key, composed as described in ``styles``."""
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = self._make(key)
        return found

    def _make(self, key: int) -> Style:
        role = key & styles.ROLE_MASK
        named = self._roles[role]
        background = self._backgrounds[(key & styles.BACKGROUND_MASK) >> styles.BACKGROUND_SHIFT]
        least = _FAINT_CONTRAST if role == styles.FAINT else LEAST_CONTRAST
        return Style(
            color=_legible(named.color, background, least),
            bgcolor=background,
            bold=bool(key & styles.BOLD) or None,
            italic=bool(key & styles.ITALIC) or None,
            strike=bool(key & styles.STRIKE) or None,
            underline=bool(key & styles.UNDERLINE) or None,
            dim=named.dim or (role in _MUTED_ROLES and _is_terminals_own(named.color)) or None,
        )


@lru_cache(maxsize=256)
def readable(style: Style) -> Style:
    """``style`` with its text colour adjusted to be legible on its background."""
    color = _legible(style.color, style.bgcolor, LEAST_CONTRAST)
    return style if color is style.color else style + Style(color=color)


def _is_terminals_own(color: RichColor | None) -> bool:
    """Whether the colour is defined by the terminal, so that it cannot be blended."""
    return color is None or color.triplet is None


def _legible(
    color: RichColor | None, background: RichColor | None, least: float
) -> RichColor | None:
    """``color`` or the nearest one with enough contrast; terminal colours are kept."""
    if color is None or background is None or color.triplet is None or background.triplet is None:
        return color
    front = Color(*color.triplet)
    found = legible(front, (Color(*background.triplet),), least)
    return color if found is front else found.rich_color
