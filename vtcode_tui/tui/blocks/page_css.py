"""The colours of the transcript, from the theme's variables alone."""

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
    & > .transcript--text { color: $foreground; }
    & > .transcript--muted { color: $foreground 62%; }
    & > .transcript--faint { color: $foreground 28%; }
    & > .transcript--accent { color: $text-primary; }
    & > .transcript--heading { color: $text-primary; }
    & > .transcript--link { color: $text-primary; }
    & > .transcript--inline-code { color: $foreground; }
    & > .transcript--success { color: $text-success; }
    & > .transcript--error { color: $text-error; }
    & > .transcript--warning { color: $text-warning; }
    & > .transcript--prompt { color: $foreground; }
    & > .transcript--code { color: $foreground 92%; }
    & > .transcript--keyword { color: $text-primary; }
    & > .transcript--string { color: $text-success; }
    & > .transcript--comment { color: $foreground 58%; }
    & > .transcript--number { color: $text-warning; }
    & > .transcript--function { color: $foreground; }
    & > .transcript--type { color: $text-secondary; }
    & > .transcript--builtin { color: $foreground 92%; }
    & > .transcript--operator { color: $foreground 80%; }
    & > .transcript--code-ground { background: $foreground 5%; }
    & > .transcript--prompt-ground { background: $foreground 8%; }
    & > .transcript--added-ground { background: $added-ground; }
    & > .transcript--removed-ground { background: $removed-ground; }
}
"""
