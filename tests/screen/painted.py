"""Reads what is on the screen of an app without changing it."""

from __future__ import annotations

from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip


def painted(app: App[Any]) -> list[Strip]:
    """The lines of the top screen, including the dimmed screen below.

    The rendered lines are cached for the next paint. A dialog that is read before its first paint
    must find the screens below it, as it does when painted, or its backdrop stays empty.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


def painted_text(app: App[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in painted(app))
