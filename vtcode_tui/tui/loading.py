"""What is imported once the first screen is painted, in the order in which it is wanted.

In a thread: on the event loop an import holds up the keys for as long as it takes.
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
"""For the way to a server, and to an agent with its tools."""
_ANSWER = ("tui.blocks.warming",)
_KEYS = (
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
"""What a key that opens it should not wait for."""

_YOUNG_OBJECTS = 10_000
"""How many more than there were have the collector look for garbage: a few megabytes at most."""


async def load(modules: tuple[str, ...]) -> None:
    """Import modules of this package, one after another."""
    for name in modules:
        await asyncio.to_thread(importlib.import_module, f"vtcode_tui.{name}")


async def warm_up(app: App[int]) -> None:
    """Have what the first answer needs, and what a key opens, while the user types."""
    await load(_ANSWER)
    from vtcode_tui.tui.blocks import warming

    await asyncio.to_thread(warming.warm_up)
    await load(_KEYS)
    from vtcode_tui.tui.dialog_warming import warm_dialogs

    await warm_dialogs(app)
    # What is loaded by now stays: the collector need not walk it again while text streams. At Python's
    # own 700 objects it would run twenty times while a dialog opens, mostly over what that still needs.
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
