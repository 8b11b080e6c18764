"""The text styles that all screens share, made of theme variables."""

from __future__ import annotations

MUTED = "$foreground 70%"
"""Less important text that is still legible, which ``$foreground-muted`` of many themes is not.

``$text-muted`` is an automatic colour, which styles inside a ``Content`` do not support.
"""
MARK = "bold $foreground on $warning 35%"
"""A marker for something invisible; untrusted text is never drawn in this style."""
QUIET_MARK = MUTED
ATTENTION = "bold $text-warning"
WARNING = "$text-warning"
GOOD = "$text-success"
BAD = "$text-error"
EMPHASIS = "bold"
TITLE = "bold $text-primary"
