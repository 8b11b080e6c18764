"""Parses the CSS of dialogs before the first one is opened, one class at a time.

Textual parses a class's CSS when its first instance is mounted. For a dialog and its widgets that
takes half as long as everything else that opening it does.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator

from textual.app import App
from textual.dom import DOMNode

_PAUSE_S = 0.02
"""Pause between two classes, so that keys and frames come first. Each class takes 2 ms."""
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
"""The most used dialogs and their widgets; first the one that a turn waits for."""


async def warm_dialogs(app: App[int]) -> None:
    """Add each class's default CSS to the app's stylesheet and parse it, yielding in between."""
    for kind in _kinds():
        await asyncio.sleep(_PAUSE_S)
        # The default CSS depends on nothing that ``__init__`` sets.
        for read_from, css, tie_breaker, scope in kind.__new__(kind)._get_default_css():
            app.stylesheet.add_source(
                css, read_from, is_default_css=True, tie_breaker=tie_breaker, scope=scope
            )
        _ = app.stylesheet.rules_map  # Parses the new CSS.


def _kinds() -> Iterator[type[DOMNode]]:
    for name in _CLASSES:
        module, _, kind = name.partition(":")
        yield getattr(importlib.import_module(module), kind)
