"""Style keys: small integers for all styles that a line can have. The palette has their colours.

A key is the sum of a role, attributes and a background, so that lines need not be rendered again
when the theme changes. Pure constants.
"""

from __future__ import annotations

from typing import Final

ROLES: Final = (
    "text",
    "muted",
    "faint",
    "accent",
    "heading",
    "link",
    "inline-code",
    "success",
    "error",
    "warning",
    "code",
    "keyword",
    "string",
    "comment",
    "number",
    "function",
    "type",
    "builtin",
    "operator",
    "prompt",
)
"""Role names. ``page_css`` has their colours; a role's key is its index."""

(
    TEXT,
    MUTED,
    FAINT,
    ACCENT,
    HEADING,
    LINK,
    INLINE_CODE,
    SUCCESS,
    ERROR,
    WARNING,
    CODE,
    KEYWORD,
    STRING,
    COMMENT,
    NUMBER,
    FUNCTION,
    TYPE,
    BUILTIN,
    OPERATOR,
    PROMPT,
) = range(len(ROLES))

ROLE_MASK: Final = 0xFF
BOLD: Final = 1 << 8
ITALIC: Final = 1 << 9
STRIKE: Final = 1 << 10
UNDERLINE: Final = 1 << 11

BACKGROUND_SHIFT: Final = 12
BACKGROUNDS: Final = (
    "",
    "code-background",
    "prompt-background",
    "added-background",
    "removed-background",
)
"""Background names; the empty one is the widget's own."""
CODE_BACKGROUND: Final = 1 << BACKGROUND_SHIFT
PROMPT_BACKGROUND: Final = 2 << BACKGROUND_SHIFT
ADDED_BACKGROUND: Final = 3 << BACKGROUND_SHIFT
REMOVED_BACKGROUND: Final = 4 << BACKGROUND_SHIFT
BACKGROUND_MASK: Final = 7 << BACKGROUND_SHIFT
