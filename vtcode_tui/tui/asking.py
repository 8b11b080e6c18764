"""Shows a screen and waits for the user's answer."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from textual.app import App
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class AsksForTurn:
    """Marks a screen that a running turn waits for, so that Ctrl+C on it stops the turn."""


async def ask_screen(app: App[int], screen: ModalScreen[Answer]) -> Answer:
    """Show ``screen`` and return what it is dismissed with.

    If the waiting task is cancelled, the screen is removed, wherever it is in the stack.
    """
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def take(value: Answer | None) -> None:
        if not answer.done():
            # Only a screen whose result type allows None is dismissed without a value.
            answer.set_result(value)  # type: ignore[arg-type]

    await app.push_screen(screen, take)
    try:
        return await answer
    except asyncio.CancelledError:
        if screen.is_current:
            app.pop_screen()
        elif screen in app.screen_stack:
            screen.remove()
        raise
