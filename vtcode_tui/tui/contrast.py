"""Colour contrast as WCAG defines it, and adjusting colours to reach it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from textual.color import Color

LEAST_CONTRAST = 4.5
_BLEND_STEPS = 24


def contrast(first: Color, second: Color) -> float:
    """The contrast ratio of two opaque colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def legible(text: Color, backgrounds: Sequence[Color], least: float = LEAST_CONTRAST) -> Color:
    """``text``, or the nearest mixture with black or white that has enough contrast on all
    ``backgrounds``."""
    if not backgrounds or _lowest_contrast(text, backgrounds) >= least:
        return text
    ends = (Color(0, 0, 0), Color(255, 255, 255))
    goal = max(ends, key=lambda end: _lowest_contrast(end, backgrounds))
    for step in range(1, _BLEND_STEPS + 1):
        mixed = text.blend(goal, step / _BLEND_STEPS)
        if _lowest_contrast(mixed, backgrounds) >= least:
            break
    return mixed


def _lowest_contrast(text: Color, backgrounds: Sequence[Color]) -> float:
    return min(contrast(text, background) for background in backgrounds)


def _luminance(color: Color) -> float:
    channels = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (color.r / 255, color.g / 255, color.b / 255)
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
