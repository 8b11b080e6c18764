"""Opens a web address in the user's browser, in a thread. Never raises."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping

from textual.app import App


async def open_in_browser(url: str, environ: Mapping[str, str]) -> bool:
    """Open the address in a graphical browser; return whether one took it."""
    from vtcode_tui.workspace.process_browser import open_address

    return await asyncio.to_thread(open_address, url, environ, is_mac=sys.platform == "darwin")


async def open_or_copy(
    app: App[int], url: str, environ: Mapping[str, str], tell: Callable[[str], None]
) -> None:
    """Open the address in a browser; if that fails, copy it and ``tell`` the user."""
    from vtcode_tui.tui.copying import copy_text

    if not await open_in_browser(url, environ):
        no_browser = lambda copied: tell(f"No browser could be started here. {copied}")  # noqa: E731
        await copy_text(app, url, "address", environ, no_browser)
