"""How fast the transcript view is: ``python -m tests.benchmarks.transcript_view``.

Streams answers of 20,000 tokens through the view in a real app without a terminal, and measures
what people do on top of 2,000 older turns. Times are CPU and wall milliseconds of this process.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator

from textual.pilot import Pilot

from tests.benchmarks.answers import KINDS, answer
from tests.screen.transcript_app import TranscriptApp, settle
from vtcode_tui.conversation.events import Event, TextDelta, TurnEnd, TurnFinished, TurnStarted
from vtcode_tui.tui.blocks.warming import warm_up

_TOKENS = 20_000
_BATCH = 32
_TURNS = 2_000
_SIZE = (120, 40)


def older_turns() -> Iterator[Event]:
    """About 5 MB of conversation."""
    tokens = answer("mixed", 600)
    for number in range(_TURNS):
        yield TurnStarted(number, f"question {number}")
        yield TextDelta("".join(tokens))
        yield TurnFinished(TurnEnd.DONE, 1.0)


async def stream(kind: str, *, on_top_of_turns: bool) -> None:
    """One answer at full speed, painted all the while."""
    app = TranscriptApp()
    async with app.run_test(size=_SIZE) as pilot:
        if on_top_of_turns:
            app.view.load(older_turns())
            await settle(pilot)
        tokens = answer(kind, _TOKENS)
        cpu, wall, longest_cpu = time.process_time(), time.monotonic(), 0.0
        for start in range(0, len(tokens), _BATCH):
            slice_cpu = time.process_time()
            for token in tokens[start : start + _BATCH]:
                app.view.apply(TextDelta(token))
            await asyncio.sleep(0.001)
            longest_cpu = max(longest_cpu, time.process_time() - slice_cpu)
        app.view.apply(TurnFinished(TurnEnd.DONE, 1.0))
        await settle(pilot)
        label = kind + (f" on top of {_TURNS:,} turns" if on_top_of_turns else "")
        print(
            f"{label:32} cpu {1000 * (time.process_time() - cpu):6.0f} ms"
            f"   wall {1000 * (time.monotonic() - wall):6.0f} ms"
            f"   longest turn of the loop {1000 * longest_cpu:4.0f} ms cpu"
        )


async def operations() -> None:
    """What people do on a long conversation, each until it is painted."""
    app = TranscriptApp()
    async with app.run_test(size=_SIZE) as pilot:
        events = list(older_turns())
        await measured(pilot, "load 2,000 turns", lambda: app.view.load(events))
        view = app.view
        await measured(pilot, "append a turn", lambda: view.apply(TurnStarted(1, "one more")))
        view.focus()
        await pilot.pause()
        for _ in range(3):
            await measured(pilot, "scroll a page up", view.action_page_up)
        await measured(pilot, "jump to the top", view.action_scroll_home)
        await measured(pilot, "jump to the end", view.follow)
        await measured(pilot, "open and fold all", view.action_toggle_all)
        await measured(pilot, "change the theme", lambda: setattr(app, "theme", "nord"))
        await measured(pilot, "lose the focus", lambda: app.screen.set_focus(None))
        await settle(pilot)
        started = time.process_time()
        await pilot.resize_terminal(90, 40)
        await pilot.pause()
        print(f"{'resize':32} cpu {1000 * (time.process_time() - started):6.1f} ms")
        await settle(pilot)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'peak memory':32} {peak:10.0f} MB   lines {view.page.total:,}")


async def measured(pilot: Pilot[None], label: str, action: Callable[[], object]) -> None:
    """CPU until the screen is painted, without what is refined afterwards."""
    cpu = time.process_time()
    action()
    await pilot.pause(0.05)
    print(f"{label:32} cpu {1000 * (time.process_time() - cpu):6.1f} ms")


async def main() -> None:
    warm_up()
    for kind in KINDS:
        await stream(kind, on_top_of_turns=False)
    await stream("mixed", on_top_of_turns=True)
    await operations()


if __name__ == "__main__":
    asyncio.run(main())
