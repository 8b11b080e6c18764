"""While nothing moves, the kernel never has to wake the program: no thread of it looks round."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.e2e.test_app import MODEL, app, ask
from tests.fakes.ollama_server import FakeOllama, reply

WATCHED_S = 1.0


def times_woken(pid: int) -> int:
    """Of all threads together, since they started."""
    woken = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        _, _, rest = status.read_text().partition("\nvoluntary_ctxt_switches:")
        woken += int(rest.split()[0])
    return woken


@pytest.mark.skipif(sys.platform != "linux", reason="counts what /proc tells of threads")
def test_the_program_sleeps_until_something_happens(
    server: FakeOllama, home: Path, project: Path
) -> None:
    server.script(reply("An answer."))
    with app(server.url, home, project, *MODEL) as terminal:
        ask(terminal, "hello")
        terminal.wait_for("An answer.")
        assert terminal.process.pid is not None
        end = time.monotonic() + 30
        woken = -1
        while woken:
            assert time.monotonic() < end, f"woken {woken} times in {WATCHED_S} s"
            before = times_woken(terminal.process.pid)
            time.sleep(WATCHED_S)
            woken = times_woken(terminal.process.pid) - before
        terminal.press("still there")
        terminal.wait_for("still there")
