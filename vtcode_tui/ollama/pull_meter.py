"""Computes progress, speed and remaining time of a pull from the server's status lines. Pure.

An Ollama server reports each layer (``total`` and ``completed`` of a ``digest``) separately, and
repeats the same numbers while nothing arrives. Bytes in the first report of a layer were there
before and do not count for the speed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from vtcode_tui.ollama.amounts import duration_words, size_words
from vtcode_tui.ollama.types import PullProgress

STILL_S = 5.0
"""After so many seconds without a byte a pull is said to stand still."""

_WINDOW_S = 15.0
_SAMPLE_S = 0.25
_SHORTEST_S = 1.0


@dataclass(frozen=True, slots=True)
class PullState:
    """``completed`` and ``total`` are bytes of all layers reported so far, None before the first.

    ``bytes_per_s`` is None until it was measured; ``still_s`` is the time without a new byte.
    """

    status: str = ""
    completed: int | None = None
    total: int | None = None
    bytes_per_s: float | None = None
    still_s: float = 0.0

    @property
    def left_s(self) -> float | None:
        """Remaining seconds at the current speed."""
        if self.total is None or self.completed is None or not self.bytes_per_s:
            return None
        return (self.total - self.completed) / self.bytes_per_s

    @property
    def fraction(self) -> float | None:
        """The completed share, 0 to 1."""
        if not self.total or self.completed is None:
            return None
        return min(1.0, self.completed / self.total)


class PullMeter:
    """Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._status = ""
        self._layers: dict[str, tuple[int, int]] = {}
        self._there_before = 0
        self._samples: deque[tuple[float, int]] = deque()
        self._grew_at: float | None = None

    def take(self, line: PullProgress, now: float) -> None:
        self._status = line.status
        if not line.digest or line.total is None:
            return
        before = self._layers.get(line.digest)
        completed = min(line.completed or 0, line.total)
        if before is None:
            self._there_before += completed
        if before is None or completed != before[0]:
            self._grew_at = now
        self._layers[line.digest] = (completed, line.total)
        self._sample(now)

    def state(self, now: float) -> PullState:
        if not self._layers:
            return PullState(self._status)
        completed, total = self._completed, sum(total for _, total in self._layers.values())
        still_s = 0.0 if completed >= total or self._grew_at is None else now - self._grew_at
        return PullState(self._status, completed, total, self._speed(now), still_s)

    @property
    def _completed(self) -> int:
        return sum(completed for completed, _ in self._layers.values())

    def _sample(self, now: float) -> None:
        if not self._samples or now - self._samples[-1][0] >= _SAMPLE_S:
            self._samples.append((now, self._completed - self._there_before))
        while now - self._samples[0][0] > _WINDOW_S and len(self._samples) > 2:
            self._samples.popleft()

    def _speed(self, now: float) -> float | None:
        if not self._samples:
            return None
        since, then = self._samples[0]
        if now - since < _SHORTEST_S:
            return None
        return max(0.0, (self._completed - self._there_before - then) / (now - since))


def progress_words(state: PullState) -> str:
    """``4.1 of 19 GB · 22 % · 38 MB/s · 6 min left``, or the server's status before any bytes are
    reported."""
    if state.completed is None or state.total is None or state.fraction is None:
        return state.status
    done, total = size_words(state.completed), size_words(state.total)
    if done.rpartition(" ")[2] == total.rpartition(" ")[2]:
        done = done.rpartition(" ")[0]
    words = [f"{done} of {total}", f"{int(state.fraction * 100)} %"]
    if state.completed >= state.total:
        return " · ".join([*words, state.status])
    if state.still_s >= STILL_S:
        words.append(f"no bytes for {duration_words(state.still_s)}")
    elif state.bytes_per_s:
        words.append(f"{size_words(state.bytes_per_s)}/s")
        if state.left_s is not None:
            words.append(f"{duration_words(state.left_s)} left")
    return " · ".join(words)
