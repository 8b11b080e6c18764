"""Has the server download a model, with the user's consent."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from textual.app import App

from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.transcript.clean import clean_line
from vtcode_tui.tui.asking import ask_screen


async def pull_model(
    app: App[int], bench: Workbench, name: str, report: Callable[[str], None]
) -> str | None:
    """The name that was installed (after an error it can be another one), or None.

    Esc stops the pull. ``report`` shows notices. Raises VtcodeError without a connection.
    """
    from vtcode_tui.agent.pulls import pull_offer
    from vtcode_tui.tui.pull_screen import PullScreen

    link = bench.link
    offer = await pull_offer(name, bench.launch.environ, is_local=link.address.is_loopback)
    screen = PullScreen(offer, link.client.pull, bench.launch.clock)
    pulled = await ask_screen(app, screen)
    if pulled is None and screen.stopped_at:
        how_far = clean_line(screen.stopped_at.partition(" · ")[0], 60)
        report(
            f"The pull of {clean_line(name, 60)} was stopped at {how_far}."
            f" It goes on there: /pull {clean_line(shlex.quote(name), 80)}"
        )
    return pulled
