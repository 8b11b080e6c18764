"""Asks the user about an untrusted project before anything is connected to or started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.app import App

from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ConfigError
from vtcode_tui.tui.asking import ask_screen

_LEFT_OUT = (
    "What the project's files ask for is ignored. You are asked again at the next start;"
    " to decide earlier, run: vtcode-tui trust"
)


async def settle_trust(
    app: App[int],
    launch: Launch,
    *,
    report: Callable[[str], None],
    keep_typed: Callable[[str], None],
) -> Launch | None:
    """``launch`` with what the user approved, or without what was not; None to exit.

    ``report`` shows notices; ``keep_typed`` takes text typed into the question. The files are
    loaded again after an approval; what changed meanwhile is asked about again.
    """
    fault = ""
    while (question := launch.loaded.pending_trust) is not None:
        from vtcode_tui.agent.trusting import approve, lines_of, without_untrusted
        from vtcode_tui.tui.trust_screen import TrustAnswer, TrustScreen

        screen = TrustScreen(question, lines_of(question), clock=launch.clock, fault=fault)
        try:
            answer = await ask_screen(app, screen)
        finally:
            if screen.typed_ahead:
                keep_typed(screen.typed_ahead)
        if answer is TrustAnswer.QUIT:
            return None
        if answer is TrustAnswer.WITHOUT:
            report(_LEFT_OUT)
            return without_untrusted(launch)
        try:
            launch = await asyncio.to_thread(approve, launch, question)
        except ConfigError as error:
            fault = str(error)
    return launch
