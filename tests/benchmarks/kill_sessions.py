"""Kills the app at random moments of a scripted session and resumes each: `python -m
tests.benchmarks.kill_sessions 200`. Takes about six seconds for each."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.e2e.killing import kill_and_resume


def main(count: int, first_seed: int) -> int:
    started, failures = time.monotonic(), 0
    seen: Counter[str] = Counter()
    for seed in range(first_seed, first_seed + count):
        with tempfile.TemporaryDirectory() as folder:
            try:
                killed = kill_and_resume(Path(folder), seed)
            except AssertionError as error:
                failures += 1
                print(f"seed {seed}: {str(error)[:2000]}", flush=True)
                continue
        seen["torn"] += killed.was_torn
        seen["in a turn"] += killed.was_stopped
        seen["outcome unknown"] += killed.unknown_outcomes
        seen["before the first request"] += killed.requests == 0
        seen["with a partial answer"] += killed.was_stopped and killed.partial_tokens > 0
        if seed % 10 == 9:
            print(f"{seed + 1 - first_seed} done, {failures} failed", flush=True)
    print(f"{count} kills, {failures} failed, in {time.monotonic() - started:.0f} s: {dict(seen)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
