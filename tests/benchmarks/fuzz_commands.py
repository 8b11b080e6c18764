"""The large run of the command fuzz, by hand.

    unshare --net --pid --fork --mount-proc python -m tests.benchmarks.fuzz_commands

Prints one line a seed and every finding. Exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.unit.permissions.box import open_box
from tests.unit.permissions.fuzzing import Report, default_rule, fuzz, mutations, seeds


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--mutations", type=int, default=50_000, help="for each seed")
    parser.add_argument("--strace", action="store_true", help="judge system calls too")
    parser.add_argument("--list", action="store_true", help="print what was allowed")
    options = parser.parse_args()
    report = Report()
    with open_box() as box:
        commands = seeds(box.port)
        for seed in range(options.first, options.first + options.seeds):
            started = time.perf_counter()
            batch = tuple(mutations(seed, options.mutations, commands))
            fuzz(box, batch, default_rule(box), report, strace=options.strace)
            seconds = time.perf_counter() - started
            print(
                f"seed {seed}: {report.tried} tried, {len(report.allowed)} allowed and run,"
                f" {len(report.findings)} findings, {seconds:.0f} s",
                flush=True,
            )
    if options.list:
        print("\n".join(repr(command) for command in sorted(report.allowed)))
    print("\n".join(report.findings))
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
