"""The table of what was measured: each row beside its target and what the same costs without us."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """``value`` and ``target`` are in ``unit``; ``beside`` is the baseline in words."""

    name: str
    value: float | None
    target: float
    unit: str
    beside: str = ""

    @property
    def is_met(self) -> bool:
        return self.value is not None and self.value <= self.target

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name:58} {'none':>9}   {_number(self.target):>7} {self.unit:6} FAILED"
        verdict = "ok" if self.is_met else "OVER"
        return (
            f"{self.name:58} {_number(self.value):>9}   {_number(self.target):>7} {self.unit:6}"
            f" {verdict:5} {self.beside}"
        )


HEAD = f"{'work':58} {'measured':>9}   {'target':>7} {'':6} {'':5} baseline of the same run"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round((len(ordered) - 1) * share))]


def milliseconds(values: Sequence[float], share: float = 0.5) -> float:
    return 1000 * percentile(values, share)


def surroundings() -> str:
    """What the figures depend on: versions, processors, and what else runs."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in _lines("/proc/cpuinfo")
            if "model name" in line
        ),
        platform.machine(),
    )
    names = ("textual", "rich", "httpx", "markdown-it-py", "pygments")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"Python {platform.python_version()}, {versions}\n"
        f"{platform.system()} {platform.release()}, {os.cpu_count()} x {processor},"
        f" load {', '.join(f'{load:.2f}' for load in os.getloadavg())}"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


class Others:
    """How many processors others kept busy since it was made."""

    def __init__(self) -> None:
        self._busy, self._own, self._at = _busy_s(), _own_s(), _up_s()

    def busy(self, measured_s: float = 0.0) -> float:
        """``measured_s`` are processor seconds of what was measured, where it still runs."""
        passed = _up_s() - self._at
        return max(0.0, _busy_s() - self._busy - (_own_s() - self._own) - measured_s) / passed


def _busy_s() -> float:
    fields = list(map(int, _lines("/proc/stat")[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    return sum(os.times()[:4])


def _up_s() -> float:
    return float(_lines("/proc/uptime")[0].split()[0])
