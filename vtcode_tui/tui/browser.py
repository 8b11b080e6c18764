"""Opens a web address in the user's browser, in a thread. Never raises."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping


async def open_in_browser(url: str, environ: Mapping[str, str]) -> bool:
    """Whether a browser with a window of its own took the address."""
    from vtcode_tui.workspace.process_browser import open_address

    return await asyncio.to_thread(open_address, url, environ, is_mac=sys.platform == "darwin")
