"""Measures what a user feels, in a real terminal, against a server in another process. By hand:

    python -m tests.benchmarks [--only start,commands,rest,keys,answers,open,operations] [--repeats 3]

Linux; curl is needed. Takes some minutes; compare ratios within a run, since machines differ and are
shared. Nothing here is asserted: no test and no CI looks at a time.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import long_transcript, starting, streaming
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
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(_GROUPS), help="groups, with commas between")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(surroundings())
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as directory, ServerProcess() as server:
        stage = Stage(Path(directory), server.url)
        for group in options.only.split(","):
            others = Others()
            try:
                for row in _GROUPS[group](stage, options.repeats):
                    print(row, flush=True)
            except RuntimeError as error:
                print(f"  ({group}: broken off: {error})")
            print(f"  ({group}: others kept {others.busy():.1f} processors busy)", flush=True)


if __name__ == "__main__":
    main()
