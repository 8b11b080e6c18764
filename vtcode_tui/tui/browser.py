"""Opens a web address in the user's browser, in a thread. Never raises."""

from __future__ import annotations

import asyncio


async def open_in_browser(url: str) -> bool:
    """Whether a browser with a window of its own took the address."""
    return await asyncio.to_thread(_open, url)


def _open(url: str) -> bool:
    import webbrowser

    try:
        browser = webbrowser.get()
        # A browser that draws in the terminal would draw over this program.
        if type(browser) is webbrowser.GenericBrowser:
            return False
        return browser.open(url)
    except (webbrowser.Error, OSError):
        return False
