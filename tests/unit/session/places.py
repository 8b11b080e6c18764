"""A session's file in a test: made, read again, and damaged."""

from __future__ import annotations

import itertools
import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vtcode_tui.conversation.events import Event
from vtcode_tui.session.journal import Journal, Loaded, load
from vtcode_tui.session.recorder import Past, SessionRecorder
from vtcode_tui.session.replay import Replayed, replay

HEADER = {"app": "1.2.3", "workspace": "/work/place"}


class Faults(list[str]):
    """The changes of a journal's fault, as it told them."""

    def __call__(self, fault: str) -> None:
        self.append(fault)


def make_recorder(
    path: Path, faults: Faults | None = None, *, secrets: tuple[str, ...] = ()
) -> SessionRecorder:
    """A recorder of a new session, with a clock that counts seconds."""
    ticks = itertools.count(1_000)
    journal = Journal(
        path,
        now=lambda: float(next(ticks)),
        on_fault=faults if faults is not None else Faults(),
        secrets=lambda: secrets,
    )
    return SessionRecorder(journal, HEADER)


def reopened(loaded: Loaded, faults: Faults | None = None) -> SessionRecorder:
    """A recorder that goes on in a file that was loaded."""
    before = replay(loaded.scan)
    journal = Journal.reopened(
        loaded, now=lambda: 2_000.0, on_fault=faults if faults is not None else Faults()
    )
    past = Past(before.messages, before.turns, before.settings, before.grants)
    return SessionRecorder(journal, HEADER, past)


def record(path: Path, events: Iterable[Event]) -> None:
    """Write a whole session."""
    recorder = make_recorder(path)
    for event in events:
        recorder.record(event)
    recorder.close()


def read(path: Path) -> Replayed:
    loaded = load(path)
    os.close(loaded.descriptor)
    return replay(loaded.scan)


@contextmanager
def room_for(limit_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond ``limit_bytes``: what is left of a disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
