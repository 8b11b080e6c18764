"""Answers of 20,000 tokens on the screen, and keys typed meanwhile."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.long_session import MODEL
from tests.benchmarks.program import Program, now
from tests.benchmarks.server import LEAD_S, first_mark, last_mark, order
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import Row, median, milliseconds, percentile

TOKENS = 20_000
_PACE_S = 1 / 300
_PATIENCE_S = 20.0
_marks = itertools.count()


@dataclass(frozen=True, slots=True)
class Streamed:
    """Seconds from the first token on the screen to the last, seconds of the processor, the longest
    time without output, and what keys took meanwhile."""

    took_s: float
    cpu_s: float
    freeze_s: float
    echoes: tuple[float, ...]


def stream(program: Program, kind: str, tokens: int = TOKENS, *, types: bool = False) -> Streamed:
    """Ask for an answer at full speed and watch it."""
    mark = next(_marks)
    program.watch(first_mark(mark), last_mark(mark))
    program.write(order(kind, tokens, mark) + " ")
    program.echo()  # All of it is in by now; an Enter that comes with text may be a part of it.
    program.settle()
    cpu_s = program.cpu_s()
    program.write("\r")
    first_s = program.wait_for(first_mark(mark)) + LEAD_S
    program.run(LEAD_S)
    program.watch_gaps()
    echoes = []
    end = now() + _PATIENCE_S
    while types and program.seen(last_mark(mark)) is None and now() < end:
        echoes.append(program.echo())
        program.run(0.02)
    last_s = program.wait_for(last_mark(mark))
    freeze_s = program.longest_gap_s
    program.settle()
    return Streamed(last_s - first_s, program.cpu_s() - cpu_s, freeze_s, tuple(echoes))


def streamed(stage: Stage, kind: str, *, resumes: bool = False, types: bool = False) -> Streamed:
    """One answer into an app of its own. What a busy machine broke off is tried once more."""
    for is_last in (False, True):
        with stage.ready_app(resumes=resumes) as program:
            try:
                return stream(program, kind, types=types)
            except RuntimeError as error:
                if is_last:
                    raise
                print(f"  (once more: {error})", file=sys.stderr, flush=True)
    raise AssertionError


def curl_stream_s(stage: Stage, kind: str) -> float:
    """What the bytes alone take, from the first token to the last."""
    prompt = order(kind, TOKENS, next(_marks))
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": prompt}]})
    command = ["curl", "-sN", f"{stage.url}/api/chat", "-d", body]
    times = []
    for _ in range(3):  # The first one has the server make the answer.
        started = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append(time.monotonic() - started - LEAD_S)
    return min(times)


def answers(stage: Stage, repeats: int) -> Iterator[Row]:
    """Each kind of answer into an empty transcript, and the mixed one on top of the long session."""
    targets = {
        "mixed": 1.4,
        "one fence": 2.5,
        "one list": 2.5,
        "one table": 2.5,
        "one paragraph": 2.5,
    }
    empty: list[Streamed] = []
    for kind, target in targets.items():
        curl = f"curl {curl_stream_s(stage, kind):.2f} s"
        runs = [streamed(stage, kind) for _ in range(repeats)]
        empty = empty or runs
        name = f"{TOKENS:,} tokens as {kind.replace('mixed', 'mixed Markdown')}: "
        yield Row(name + "first to last", median([run.took_s for run in runs]), target, "s", curl)
        yield Row(name + "CPU", median([run.cpu_s for run in runs]), max(1.7, target), "s")
        yield Row(
            name + "longest without output",
            milliseconds([run.freeze_s for run in runs], 1.0),
            60,
            "ms",
        )
    full = [streamed(stage, "mixed", resumes=True) for _ in range(repeats)]
    name = "the mixed one after 2,000 turns, against the empty one: "
    for word, before, after in (
        ("time", [run.took_s for run in empty], [run.took_s for run in full]),
        ("CPU", [run.cpu_s for run in empty], [run.cpu_s for run in full]),
    ):
        beside = f"{median(before):.2f} and {median(after):.2f} s"
        yield Row(name + word, median(after) / median(before), 1.15, "times", beside)


def keys(stage: Stage, repeats: int) -> Iterator[Row]:
    """Keys at rest, while text streams at a model's pace, and while it comes at full speed."""
    with stage.ready_bare() as bare:
        idle = bare.echoes(60)
    beside = f"bare {milliseconds(idle, 0.95):.1f} ms at rest"
    with stage.ready_app() as program:
        yield Row(
            "key to echo at rest, p95", milliseconds(program.echoes(60), 0.95), 10, "ms", beside
        )
        program.erase(60)
        mark = next(_marks)
        program.write(order("mixed", 6_000, mark, pace_s=_PACE_S) + " ")
        program.echo()
        program.settle()
        program.watch(first_mark(mark))
        program.write("\r")
        program.wait_for(first_mark(mark))
        program.run(1.0)
        paced = program.echoes(100)
    name = "key to echo at 300 tokens/s, "
    yield Row(name + "p50", milliseconds(paced), 25, "ms", beside)
    yield Row(name + "p95", milliseconds(paced, 0.95), 25, "ms", beside)
    yield Row(name + "worst", milliseconds(paced, 1.0), 60, "ms", beside)
    burst: list[float] = []
    for _ in range(3 * repeats):
        burst += streamed(stage, "mixed", types=True).echoes
    name = f"key to echo at full speed ({len(burst)} keys), "
    yield Row(name + "p50", 1000 * percentile(burst, 0.5), 25, "ms", beside)
    yield Row(name + "p95", 1000 * percentile(burst, 0.95), 25, "ms", beside)
    yield Row(name + "worst", 1000 * max(burst), 60, "ms", beside)
