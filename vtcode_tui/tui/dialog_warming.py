"""Has the styles of dialogs parsed before the first one is opened, a class at a time.

Textual parses the CSS of a class when the first of its kind is mounted, which for a dialog and its
parts takes as long as half of all else that opening it does.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator

from textual.app import App
from textual.dom import DOMNode

_PAUSE_S = 0.02
"""Between two classes, each of which takes 2 ms: keys and frames come first."""
_CLASSES = (
    "vtcode_tui.tui.approval_modal:ApprovalModal",
    "vtcode_tui.tui.choice:Choice",
    "vtcode_tui.tui.choice:ChoiceGroup",
    "vtcode_tui.tui.field:QueryField",
    "vtcode_tui.tui.preview_view:PreviewView",
    "vtcode_tui.tui.model_picker:ModelPicker",
    "vtcode_tui.tui.model_list:ModelList",
    "vtcode_tui.tui.palette_provider:Palette",
    "textual.widgets:Static",
    "textual.command:CommandInput",
    "textual.command:CommandList",
    "textual.command:SearchIcon",
    "vtcode_tui.tui.text_sheet:TextSheet",
    "textual.containers:VerticalScroll",
    "vtcode_tui.tui.text_sheet:Columns",
    "vtcode_tui.tui.session_picker:SessionPicker",
    "vtcode_tui.tui.theme_picker:ThemePicker",
    "vtcode_tui.tui.effort_picker:EffortPicker",
)
"""Those that are opened most, and their parts; the one that a turn waits for comes first."""


async def warm_dialogs(app: App[int]) -> None:
    """Take what each class brings into the app's stylesheet, and let other work go between."""
    for kind in _kinds():
        await asyncio.sleep(_PAUSE_S)
        # What a class brings depends on nothing that is set as an instance is made.
        for read_from, css, tie_breaker, scope in kind.__new__(kind)._get_default_css():
            app.stylesheet.add_source(
                css, read_from, is_default_css=True, tie_breaker=tie_breaker, scope=scope
            )
        _ = app.stylesheet.rules_map  # Parses what is new.


def _kinds() -> Iterator[type[DOMNode]]:
    for name in _CLASSES:
        module, _, kind = name.partition(":")
        yield getattr(importlib.import_module(module), kind)
