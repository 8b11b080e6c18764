"""The colours of the transcript, made of theme variables only."""

from collections.abc import Mapping

PAGE_CSS = """
TranscriptPage {
    background: $background;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    scrollbar-background: $background;
    scrollbar-background-hover: $background;
    scrollbar-background-active: $background;
    scrollbar-color: $foreground 15%;
    scrollbar-color-hover: $foreground 35%;
    scrollbar-color-active: $accent;
}
"""

PAGE_STYLES: Mapping[str, str] = {
    "text": "$foreground",
    "muted": "$foreground 62%",
    "faint": "$foreground 28%",
    "accent": "$text-primary",
    "heading": "$text-primary",
    "link": "$text-primary",
    "inline-code": "$foreground",
    "success": "$text-success",
    "error": "$text-error",
    "warning": "$text-warning",
    "prompt": "$foreground",
    "code": "$foreground 92%",
    "keyword": "$text-primary",
    "string": "$text-success",
    "comment": "$foreground 58%",
    "number": "$text-warning",
    "function": "$foreground",
    "type": "$text-secondary",
    "builtin": "$foreground 92%",
    "operator": "$foreground 80%",
    "code-background": "on $foreground 5%",
    "prompt-background": "on $foreground 8%",
    "added-background": "on $added-background",
    "removed-background": "on $removed-background",
}
"""Each role and background of ``styles`` as a Textual style. As component classes they would be two
dozen rules to parse, match and apply, twice, before the first screen is painted."""
