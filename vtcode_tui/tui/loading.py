"""The modules that are imported after the first paint, in the order in which they are needed.

They are imported in a thread: on the event loop an import delays keys for as long as it takes.
"""

from __future__ import annotations

import asyncio
import gc
import importlib

from textual.app import App

CHAT = ("tui.chat_screen",)
SESSION = ("agent.sessions", "session.drafts", "session.prompt_history", "tui.draft_keeper")
CLIENT = (
    "ollama.link",
    "ollama.first_request",
    "ollama.window",
    "ollama.amounts",
    "agent.key_origin",
    "agent.trusting",
    "agent.assembly",
    "agent.command_rules",
    "agent.file_access",
    "agent.plan_watch",
    "tools.context",
    "tools.edit_file",
    "tools.list_files",
    "tools.read_file",
    "tools.run_terminal_cmd",
    "tools.search_files",
    "tools.write_file",
    "tui.server_screen",
)
"""For connecting, and for an agent with its tools."""
_ANSWER = ("tui.blocks.warming",)
_DIALOGS = (
    "tui.approval_modal",
    "tui.model_choosing",
    "tui.palette_provider",
    "tui.help_text",
    "tui.text_sheet",
    "tui.permissions_screen",
    "tui.session_picker",
    "tui.theme_picker",
    "tui.dialog_warming",
)
"""For what a key opens, so that it does not wait for an import."""

_GC_THRESHOLD = 10_000
"""The collector's threshold for young objects, a few megabytes at most."""


async def load(modules: tuple[str, ...]) -> None:
    """Import modules of this package, one after another, in a thread."""
    for name in modules:
        await asyncio.to_thread(importlib.import_module, f"vtcode_tui.{name}")


async def warm_up(app: App[int]) -> None:
    """Import and warm up what the first answer and the dialogs need, while the user types."""
    await load(_ANSWER)
    from vtcode_tui.tui.blocks import warming

    await asyncio.to_thread(warming.warm_up)
    await load(_DIALOGS)
    from vtcode_tui.tui.dialog_warming import warm_dialogs

    await warm_dialogs(app)
    # What is loaded by now stays: the collector need not traverse it while text streams. At
    # Python's default of 700 objects it would run twenty times while a dialog opens, mostly over
    # live objects.
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, *gc.get_threshold()[1:])
