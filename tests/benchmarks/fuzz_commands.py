"""The large run of the command fuzz, by hand.

    unshare --net --pid --fork --mount-proc python -m tests.benchmarks.fuzz_commands

Every second seed runs in a repository that tracks a secret. Prints one line a seed and every
finding. Exit code 1 when there is one.
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
    reports = (Report(), Report())
    with open_box(tracks_secret=True) as tracking_box, open_box() as plain_box:
        boxes = (tracking_box, plain_box)
        for seed in range(options.first, options.first + options.seeds):
            started = time.perf_counter()
            box, report = boxes[seed % 2], reports[seed % 2]
            batch = tuple(mutations(seed, options.mutations, seeds(box.port)))
            fuzz(box, batch, default_rule(box), report, strace=options.strace)
            print(
                f"seed {seed}: {sum(each.tried for each in reports)} tried,"
                f" {sum(len(each.allowed) for each in reports)} allowed and run,"
                f" {sum(len(each.findings) for each in reports)} findings,"
                f" {time.perf_counter() - started:.0f} s",
                flush=True,
            )
    if options.list:
        print("\n".join(repr(command) for report in reports for command in sorted(report.allowed)))
    findings = [finding for report in reports for finding in report.findings]
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
