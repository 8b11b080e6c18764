"""Measures what ``@`` costs in a workspace of many files: until its list is painted in the app, and
by itself the gathering of paths and the finding among them.

    .venv/bin/python -m tests.benchmarks.file_mentions [COUNT] [DIRECTORY]

Makes COUNT empty files (100,000) below DIRECTORY (a temporary one), which is removed afterwards.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.program import Program
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Row, milliseconds
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.path_index import PathIndex, gather_paths
from vtcode_tui.workspace.root import Workspace

_WORDS = [
    "alpha",
    "beta",
    "core",
    "util",
    "view",
    "model",
    "test",
    "main",
    "parser",
    "index",
    "widget",
    "screen",
    "agent",
    "tool",
]
_QUERIES = ("", "m", "main", "mn", "parser_12", "core1/vi", "wdgscr", "no_such_name", "a1b2c3")
_SHOWN = 50
_MANY = 100_000
_TYPED = ("m", "mn", "wdg", "core1/vi", "parser_12")
_ONLY = "zⰠ"
"""No other name has either letter."""
_TIMES = 10
_GATHERED_S = 20.0


def make_files(root: Path, count: int) -> None:
    rng = random.Random(1)
    for number in range(count // 100):
        depth = rng.randint(1, 4)
        names = [f"{rng.choice(_WORDS)}{rng.randint(0, 30)}" for _ in range(depth)]
        directory = root.joinpath(*names, f"part{number}")
        directory.mkdir(parents=True)
        for each in range(100):
            (directory / f"{rng.choice(_WORDS)}_{number}_{each}.py").touch()


def mentions(stage: Stage, _repeats: int) -> Iterator[Row]:
    """From a key of a mention to its list on the screen, in a folder of 100,000 files: to the only
    file that fits, which is as good as the last one looked at, and to the last row of any list."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        make_files(root, _MANY)
        (root / f"{_ONLY}.py").touch()
        with stage.ready_app(project=root) as program:
            program.write("@")
            program.run(1.0)
            program.settle(1.0, _GATHERED_S)
            program.write("\x7f")
            firsts = [_first_result_s(program) for _ in range(_TIMES)]
            lists = [took_s for query in _TYPED for took_s in _whole_list_s(program, query)]
    whole = f"whole list {milliseconds(lists):.0f} ms, p95 {milliseconds(lists, 0.95):.0f} ms"
    yield Row("@ in 100,000 files: first results", milliseconds(firsts), 50, "ms", whole)


def _first_result_s(program: Program) -> float:
    program.settle()
    program.write("@")
    program.settle()
    program.watch(_ONLY[1:])
    started = time.monotonic()
    program.write(_ONLY[0])
    took_s = program.wait_for(_ONLY[1:]) - started
    program.erase(2)
    return took_s


def _whole_list_s(program: Program, query: str) -> list[float]:
    program.settle()
    program.write("@")
    program.settle()
    times = [program.reaction(partial(program.write, key)) for key in query]
    program.write("\x1b[27u")
    program.settle()
    program.erase(len(query) + 1)
    return [took_s for took_s in times if took_s is not None]


async def gather(root: Path) -> PathIndex:
    """Gather in a thread, and tell how long the event loop was held up meanwhile."""
    gate = Gate(Workspace(root))
    started = time.perf_counter()
    gathering = asyncio.create_task(
        asyncio.to_thread(gather_paths, gate, {"PATH": "/usr/bin:/bin"})
    )
    longest, before = 0.0, time.perf_counter()
    while not gathering.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, before = max(longest, now - before - 0.001), now
    index = await gathering
    took = time.perf_counter() - started
    print(f"gathered {len(index.paths):,} paths in {took:.2f} s")
    print(f"the loop was held up for at most {longest * 1000:.1f} ms")
    return index


def find(index: PathIndex, query: str) -> None:
    started = before = time.perf_counter()
    first, longest = None, 0.0
    found: tuple[str, ...] = ()
    for found in index.search(query, _SHOWN):
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
        if first is None and found:
            first = now - started
    total = time.perf_counter() - started
    at = "nothing" if first is None else f"{first * 1000:5.1f} ms"
    print(
        f"{query!r:>16}: first results {at}, all {total * 1000:6.1f} ms,"
        f" longest step {longest * 1000:4.1f} ms, {len(found)} shown"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    parent = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        root = Path(directory)
        make_files(root, count)
        index = asyncio.run(gather(root))
        for query in _QUERIES:
            find(index, query)


if __name__ == "__main__":
    main()
