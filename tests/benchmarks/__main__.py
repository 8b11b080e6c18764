"""Measures what a user feels, in a real terminal, against a server in another process. By hand:

    python -m tests.benchmarks [--repeats 3]
        [--only start,commands,rest,keys,answers,open,operations,mentions,stopping]

Linux; curl is needed. Takes about eight minutes; compare ratios within a run, since machines differ
and are shared. Ends with 1 where a row is over its target or could not be measured. No test and no CI
looks at a time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import file_mentions, long_transcript, starting, stopping, streaming
from tests.benchmarks.server import ServerProcess
from tests.benchmarks.stage import Stage
from tests.benchmarks.table import HEAD, Others, Row, surroundings

_GROUPS: dict[str, Callable[[Stage, int], Iterator[Row]]] = {
    "start": starting.starts,
    "commands": starting.commands,
    "rest": starting.at_rest,
    "keys": streaming.keys,
    "answers": streaming.answers,
    "open": long_transcript.opening,
    "operations": long_transcript.operations,
    "mentions": file_mentions.mentions,
    "stopping": stopping.stopping,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(_GROUPS), help="groups, with commas between")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    started = time.monotonic()
    rows: dict[str, Row] = {}
    broken = []
    print(surroundings())
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as directory, ServerProcess() as server:
        stage = Stage(Path(directory), server.url)
        for group in options.only.split(","):
            others = Others()
            if not _measure(_GROUPS[group], stage, options.repeats, rows):
                broken.append(group)
            print(f"  ({group}: others kept {others.busy():.1f} processors busy)", flush=True)
    over = [row.name for row in rows.values() if not row.is_met]
    print(f"{len(rows)} rows in {time.monotonic() - started:.0f} s, {len(over)} over their target")
    if broken:
        print(f"not measured to the end: {', '.join(broken)}")
    return 1 if over or broken else 0


def _measure(
    group: Callable[[Stage, int], Iterator[Row]], stage: Stage, repeats: int, rows: dict[str, Row]
) -> bool:
    """Print the group's rows as they come; whether all did. A second try where something did not
    come out in time, as on a machine that others keep busy."""
    for is_last in (False, True):
        try:
            for row in group(stage, repeats):
                if row.name not in rows:
                    rows[row.name] = row
                    print(row, flush=True)
        except (RuntimeError, OSError) as error:
            if is_last:
                print(f"  (broken off: {error})", flush=True)
                return False
            print(f"  (once more: {error})", file=sys.stderr, flush=True)
        else:
            break
    return True


if __name__ == "__main__":
    sys.exit(main())
