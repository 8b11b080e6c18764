"""Measures and remembers how fast models are on this machine, from the server's own counters.

``eval_count / eval_duration`` is the generation speed; ``load_duration`` is the load time, if there
was a load. Short answers are not counted, and small changes are not written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from vtcode_tui.config.speed_store import Speed, SpeedStore
from vtcode_tui.conversation.events import Usage
from vtcode_tui.errors import ConfigError

log = logging.getLogger(__name__)

_FEWEST_TOKENS = 16
_COLD_LOAD_S = 0.5
_WEIGHT = 0.4
_NOTICEABLE = 0.1


class Speeds:
    """``close`` waits for pending writes. A store that cannot be used never fails a turn."""

    def __init__(self, state_dir: Path) -> None:
        self._store = SpeedStore(state_dir)
        self._known: dict[str, Speed] = {}
        self._is_loaded = False
        self._writing: set[asyncio.Task[None]] = set()

    async def load(self) -> Mapping[str, Speed]:
        """All speeds by digest; measurements of this run override the file."""
        if not self._is_loaded:
            self._is_loaded = True
            try:
                stored = await asyncio.to_thread(self._store.read)
            except ConfigError as error:
                log.warning("speeds are not read: %s", error)
            else:
                self._known = {**stored, **self._known}
        return dict(self._known)

    def note(self, digest: str, usage: Usage) -> None:
        """Record one reply's counters for the model with this digest; needs a running event loop."""
        if digest:
            task = asyncio.get_running_loop().create_task(self._note(digest, usage))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        while self._writing:
            await asyncio.wait(set(self._writing))

    async def _note(self, digest: str, usage: Usage) -> None:
        before = (await self.load()).get(digest, Speed())
        now = measured(before, usage)
        self._known[digest] = now
        if _differs(before.tokens_per_s, now.tokens_per_s) or _differs(before.load_s, now.load_s):
            try:
                await asyncio.to_thread(self._store.put, digest, now)
            except ConfigError as error:
                log.warning("a speed is not kept: %s", error)


def measured(before: Speed, usage: Usage) -> Speed:
    """``before`` updated with the counters of one reply. Pure."""
    rate = usage.tokens_per_second
    if rate is None or (usage.output_tokens or 0) < _FEWEST_TOKENS:
        rate = before.tokens_per_s
    elif before.tokens_per_s is not None:
        rate = _WEIGHT * rate + (1 - _WEIGHT) * before.tokens_per_s
    is_load = usage.load_s is not None and usage.load_s >= _COLD_LOAD_S
    return Speed(rate, usage.load_s if is_load else before.load_s)


def tells_a_speed(usage: Usage) -> bool:
    """Whether a reply is long enough to measure."""
    return measured(Speed(), usage) != Speed()


def _differs(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is not now
    return abs(now - before) > _NOTICEABLE * before
