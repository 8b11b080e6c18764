"""Looks for stalls of the event loop while answers stream at full speed, and says where they were.

    python -m tests.benchmarks.stalls [--streams 20] [--kind mixed] [--resumes] [--profile]

With ``--profile`` it says instead where the processor's time of such an answer goes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.benchmarks.answers import KINDS
from tests.benchmarks.long_session import LAST_WORDS, MODEL, SESSION_ID
from tests.benchmarks.program import Program
from tests.benchmarks.server import ServerProcess
from tests.benchmarks.stage import Stage
from tests.benchmarks.streaming import TOKENS, stream


def watched(stage: Stage, kind: str, path: Path, *, profiles: bool, resumes: bool) -> str:
    """One answer into a fresh app; what was noticed, as lines of JSON."""
    environment = stage.environment(stage.fresh_home(has_session=resumes))
    environment |= {"VTCODE_WATCH": str(path)} | ({"VTCODE_PROFILE": "1"} if profiles else {})
    command = [sys.executable, "-m", "tests.benchmarks.watched_app"]
    command += ["--base-url", stage.url, "--model", MODEL]
    command += ["--resume", SESSION_ID] if resumes else []
    with Program(command, cwd=stage.project, environment=environment) as program:
        program.watch(LAST_WORDS[-1])
        program.wait_for_paint()
        if resumes:
            program.wait_for(LAST_WORDS[-1])
        program.settle(1.0)
        path.write_text("")  # What the start held up is no matter here.
        streamed = stream(program, kind, types=not profiles)
        program.settle(1.0)
        noticed = path.read_text()
    if not profiles:
        print(
            f"{kind}: {streamed.took_s:.2f} s, CPU {streamed.cpu_s:.2f} s, longest without output"
            f" {1000 * streamed.freeze_s:.0f} ms, echo at worst {1000 * max(streamed.echoes):.0f} ms",
            flush=True,
        )
    return path.read_text() if profiles else noticed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--kind", choices=KINDS, default="mixed")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--resumes", action="store_true", help="on top of 2,000 turns")
    options = parser.parse_args()
    parts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as directory, ServerProcess() as server:
        stage = Stage(Path(directory), server.url)
        for number in range(options.streams):
            path = Path(directory) / f"watch-{number}"
            noticed = watched(
                stage, options.kind, path, profiles=options.profile, resumes=options.resumes
            )
            for line in map(json.loads, noticed.splitlines()):
                if options.profile:
                    parts.update(line["parts"])
                else:
                    stacks = line.pop("stacks")
                    print("  " + ", ".join(f"{name} {value}" for name, value in line.items()))
                    for stack, count in stacks:
                        print(f"    {count} x {stack}", flush=True)
    if options.profile:
        total = sum(parts.values()) or 1
        print(f"{TOKENS:,} tokens as {options.kind}, {options.streams} answers, {total} samples")
        for part, count in parts.most_common():
            print(f"  {100 * count / total:5.1f} %  {part}")


if __name__ == "__main__":
    main()
