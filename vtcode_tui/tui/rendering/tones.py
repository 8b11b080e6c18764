"""The tones of text that screens share, as styles with theme variables."""

from __future__ import annotations

MUTED = "$foreground 70%"
"""Less important than text, and still readable: ``$foreground-muted`` of many themes is not.

``$text-muted`` is an automatic colour, which styles inside a ``Content`` do not honour.
"""
MARK = "bold $foreground on $warning 35%"
"""Stands for something that cannot be seen; no untrusted text is ever drawn like it."""
QUIET_MARK = MUTED
ATTENTION = "bold $text-warning"
WARNING = "$text-warning"
GOOD = "$text-success"
BAD = "$text-error"
EMPHASIS = "bold"
TITLE = "bold $text-primary"
