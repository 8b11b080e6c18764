"""Holds a long conversation in a pty and watches the app's memory: `python -m tests.benchmarks.soak
30` for thirty minutes. Turns with thinking, answers, calls, broken streams, retries, interrupts,
resizes and new sessions follow each other; the memory is the app's resident set in MB.

Ends with 1 where the app died, or its memory in the last tenth is half as much again as in the second.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import Terminal, quiet_environment
from tests.fakes.ollama_server import FakeOllama, Reply, reply

MODEL = "qwen3:1.7b"
SETTINGS = '[tools]\ndefault_policy = "allow"\n\n[commands]\nallow_list = ["seq 2000"]\n'
READY = "○ ready"
ANSWER = "A paragraph with `code` and **weight** in it.\n\n```python\nfor n in range(9):\n    print(n)\n```\n\n"
_SAMPLE_S = 5.0
_REST_S = 0.25
_GROWTH = 1.5


def turn(number: int, rng: random.Random) -> tuple[Reply, ...]:
    """What the server does in one turn."""
    words = ANSWER * rng.randint(1, 12)
    plain = reply(words, thinking="hm " * rng.randint(0, 200), pace_s=0.002)
    write = ("write_file", {"path": f"f{number % 20}.txt", "content": f"{number}\n" * 200})
    kinds: tuple[tuple[Reply, ...], ...] = (
        (plain,),
        (reply("I look.", calls=[("read_file", {"path": "a.txt"}), write]), plain),
        (reply(calls=[("run_terminal_cmd", {"command": "seq 2000"})]), plain),
        (reply(words, cut_after=20),),
        (reply(status=500, error="model runner has unexpectedly terminated"),),
        (reply(status=503, error="server busy, please try again."), plain),
    )
    return kinds[number % len(kinds)]


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def sent(terminal: Terminal, server: FakeOllama, asked: int, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while len(server.requests) <= asked:
        if time.monotonic() > deadline:
            raise AssertionError(f"no request within {timeout_s} s; screen:\n{terminal.text()}")
        time.sleep(0.01)


def rest(terminal: Terminal, server: FakeOllama, timeout_s: float = 60.0) -> None:
    """Until the turn is over: ready for some frames on end, and no request came meanwhile. The first
    frame after a request can still show what was before it."""
    deadline = time.monotonic() + timeout_s
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < _REST_S:
        if time.monotonic() > deadline:
            raise AssertionError(f"not ready within {timeout_s} s; screen:\n{terminal.text()}")
        if READY not in terminal.text() or seen != len(server.requests):
            seen, since = len(server.requests), time.monotonic()
        time.sleep(0.02)


def hold(terminal: Terminal, server: FakeOllama, minutes: float) -> list[tuple[float, float, int]]:
    """Samples of (seconds since the start, MB, turns)."""
    rng, samples = random.Random(0), []
    started, next_sample = time.monotonic(), 0.0
    pid = terminal.process.pid
    assert pid is not None
    for number in count():
        elapsed = time.monotonic() - started
        if elapsed >= next_sample:
            samples.append((elapsed, resident_mb(pid), number))
            next_sample = elapsed + _SAMPLE_S
        if elapsed > minutes * 60:
            return samples
        server.script(*turn(number, rng))
        asked = len(server.requests)
        marker = f"prompt number {number} ends"
        terminal.press(marker)
        terminal.wait_for(marker, timeout_s=60)
        terminal.press("enter")
        sent(terminal, server, asked)
        if number % 7 == 3:
            time.sleep(0.2)
            terminal.press("escape")
        if number % 11 == 5:
            terminal.resize(60 + rng.randint(0, 60), 15 + rng.randint(0, 30))
        rest(terminal, server)
        server._scripted.clear()
        if number % 150 == 149:
            terminal.press("/new")
            terminal.wait_for("/new")
            terminal.press("enter")
            terminal.wait_for("lists the commands", timeout_s=60)
            rest(terminal, server)
        if number % 20 == 19:
            server.requests.clear()
    raise AssertionError("unreachable")


def main(minutes: float) -> int:
    with tempfile.TemporaryDirectory() as folder, FakeOllama() as server:
        home, project = Path(folder) / "home", Path(folder) / "project"
        config = home / ".config/vtcode-tui/vtcode.toml"
        config.parent.mkdir(parents=True)
        config.write_text(SETTINGS)
        project.mkdir()
        (project / "a.txt").write_text("the content\n" * 500)
        command = [COMMAND, "--base-url", server.url, "--model", MODEL]
        with Terminal(command, cwd=project, environment=quiet_environment(home)) as terminal:
            terminal.wait_for(f"ready · {MODEL}", timeout_s=60)
            samples = hold(terminal, server, minutes)
            terminal.press("ctrl+q")
            status = terminal.wait_exit(timeout_s=60)
    tenth = max(1, len(samples) // 10)
    before = statistics.mean(mb for _, mb, _ in samples[tenth : 2 * tenth] or samples)
    after = statistics.mean(mb for _, mb, _ in samples[-tenth:])
    for at, mb, turns in samples[:: max(1, len(samples) // 20)]:
        print(f"{at:6.0f} s  {mb:7.1f} MB  {turns} turns")
    print(
        f"{samples[-1][2]} turns; {samples[0][1]:.1f} MB at the start, {before:.1f} MB early, {after:.1f} MB at the end; exit {status}"
    )
    return 0 if status == 0 and after < before * _GROWTH else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0))
