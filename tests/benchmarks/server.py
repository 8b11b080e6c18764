"""A fake Ollama server in a process of its own, which takes its orders from the prompt.

    python -m tests.benchmarks.server

prints its address and serves until its standard input is closed. An order is

    bench kind=mixed tokens=20000 pace=0.0033 delay=8 mark=3

with ``pace`` seconds between tokens, ``delay`` seconds before the head, and a mark's two letters
around the answer. ``tags`` seconds later is what a server that is slow to answer takes for its list.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.answers import answer
from tests.fakes.ollama_server import FakeOllama
from tests.fakes.replies import Reply, reply

LEAD_S = 0.2
"""How long the first token stands alone before a burst, so that the time begins with it shown."""
MARKS = 46
_FIRST, _LAST = 0x2C30, 0x2C00


def first_mark(mark: int) -> str:
    """The letter that begins the answer to an order with ``mark``."""
    return chr(_FIRST + mark % MARKS)


def last_mark(mark: int) -> str:
    """The letter that ends it."""
    return chr(_LAST + mark % MARKS)


def order(kind: str, tokens: int, mark: int, *, pace_s: float = 0.0, delay_s: float = 0.0) -> str:
    """The prompt for an answer."""
    kind = kind.replace(" ", "-")
    return f"bench kind={kind} tokens={tokens} mark={mark} pace={pace_s} delay={delay_s}"


@functools.lru_cache(maxsize=32)
def _answer_to(prompt: str) -> Reply:
    given = dict(word.split("=", 1) for word in prompt.split() if "=" in word)
    mark, pace_s = int(given["mark"]), float(given["pace"])
    tokens = answer(given["kind"].replace("-", " "), int(given["tokens"]))
    return reply(
        tokens=[f"{first_mark(mark)}\n\n", *tokens, f"\n\n{last_mark(mark)}\n"],
        pace_s=pace_s,
        lead_s=0.0 if pace_s else LEAD_S,
        head_delay_s=float(given["delay"]),
    )


def _answering(body: Mapping[str, Any]) -> Reply:
    prompt = str(body["messages"][-1].get("content", ""))
    return _answer_to(prompt) if prompt.startswith("bench ") else reply("A short answer.")


class ServerProcess:
    """The server as a context manager; ``slow_s`` is what its list of models takes."""

    def __init__(self, *, slow_s: float = 0.0) -> None:
        self._slow_s = slow_s
        self.url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._slow_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()


class _SlowOllama(FakeOllama):
    """Answers nothing sooner than ``slow_s`` seconds after it was asked."""

    slow_s = 0.0

    def _answer(self, wire: Any, record: Any) -> bool:
        time.sleep(self.slow_s)
        return super()._answer(wire, record)


if __name__ == "__main__":
    with _SlowOllama() as server:
        server.slow_s = float(sys.argv[1])
        server.answering = _answering
        print(server.url, flush=True)
        sys.stdin.read()
        os._exit(0)  # Stopping properly waits for every connection that there ever was.
