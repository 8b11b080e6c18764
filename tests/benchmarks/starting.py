"""How soon it is there, and what it uses while nothing happens."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.benchmarks.long_session import MODEL
from tests.benchmarks.program import Program
from tests.benchmarks.server import ServerProcess, order
from tests.benchmarks.stage import COMMAND, Stage, dead_address, start
from tests.benchmarks.table import Row, median

_IDLE_S = 10.0


def starts(stage: Stage, repeats: int) -> Iterator[Row]:
    """First paint and first key, with a server, without one, and with one that is slow."""
    with ServerProcess(slow_s=4.0) as slow:
        programs: dict[str, Callable[[], Program]] = {
            "bare": stage.bare,
            "server present": stage.app,
            "server absent": lambda: stage.app(url=dead_address()),
            "server slow": lambda: stage.app(url=slow.url),
        }
        paints: dict[str, list[float]] = {name: [] for name in programs}
        prompts: dict[str, list[float]] = {name: [] for name in programs}
        for number in range(2 * repeats + 1):
            for name, launch in programs.items():
                with launch() as program:
                    painted_s = program.wait_for_paint() - program.started_s
                    prompt_s = program.wait_for_prompt() - program.started_s
                    if number:  # The first start of each reads its files from the disk.
                        paints[name].append(painted_s)
                        prompts[name].append(prompt_s)
    for target, what, times in ((1.1, "first paint", paints), (1.3, "prompt takes keys", prompts)):
        bare = median(times.pop("bare"))
        for name, values in times.items():
            beside = f"bare {bare:.3f} s, ours {median(values):.3f} s"
            yield Row(f"start, {name}: {what}", median(values) / bare, target, "times", beside)


def commands(stage: Stage, repeats: int) -> Iterator[Row]:
    """``--version`` against an empty Python, and the first token of ``ask`` against curl's."""
    python, versions = [], []
    for _ in range(3 * repeats):
        python.append(_run_s([sys.executable, "-c", "pass"]))
        versions.append(_run_s([COMMAND, "--version"]))
    beside = f"python -c pass {1000 * median(python):.0f} ms"
    yield Row("--version", 1000 * median(versions), 60, "ms", beside)
    prompt = order("mixed", 20, 1)
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": prompt}]})
    curl = ["curl", "-sN", f"{stage.url}/api/chat", "-d", body]
    ask = [COMMAND, "--base-url", stage.url, "--model", MODEL, "ask", prompt]
    curls, asks = [], []
    for _ in range(2 * repeats + 1):
        curls.append(_first_byte_s(stage, curl))
        asks.append(_first_byte_s(stage, ask))
    later = 1000 * (median(asks) - median(curls))
    beside = f"curl {1000 * median(curls):.0f} ms, ask {1000 * median(asks):.0f} ms"
    yield Row("ask: first token later than curl's by", later, 200, "ms", beside)


def at_rest(stage: Stage, _repeats: int) -> Iterator[Row]:
    """Memory, and the processor's time while nothing moves and while a model is waited for."""
    with stage.ready_bare() as bare:
        bare_mb, bare_cpu = bare.memory_mb(), _cpu_percent(bare)
    with stage.ready_app() as program:
        program.run(2.0)
        memory_mb, idle = program.memory_mb(), _cpu_percent(program)
        program.write(order("mixed", 20, 2, delay_s=_IDLE_S + 3) + "\r")
        program.run(2.0)
        waiting = _cpu_percent(program)
    yield Row("memory at rest", memory_mb, 70, "MB", f"bare {bare_mb:.0f} MB")
    yield Row("CPU at rest", idle, 0.3, "%", f"bare {bare_cpu:.1f} %")
    yield Row("CPU while waiting for a model", waiting, 2, "%")


def _cpu_percent(program: Program) -> float:
    before = program.cpu_s()
    program.run(_IDLE_S)
    return 100 * (program.cpu_s() - before) / _IDLE_S


def _run_s(command: list[str]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def _first_byte_s(stage: Stage, command: list[str]) -> float:
    started = time.monotonic()
    with start(command, stage.project, stage.environment()) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        took_s = time.monotonic() - started
        process.stdout.read()
    return took_s
