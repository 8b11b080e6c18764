"""The real command with a watch on its event loop: ``python -m tests.benchmarks.watched_app``.

Where the loop does not come round for ``STALL_S``, a line of JSON goes to the file that the
environment names: how long, how much of it the main thread ran or waited for a processor, how long
the collector took, and where the threads were. With VTCODE_PROFILE set, where the processor's time
goes from the first to the last delta of an answer is added when the app ends.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from vtcode_tui.cli import entry_point
from vtcode_tui.tui import app as tui_app

STALL_S = 0.05
_LOOK_S = 0.01
_SAMPLES = 12
_DEPTH = 14
_PROFILE_EVERY_S = 0.001


class Watch(threading.Thread):
    """Asks ``loop`` for a beat again and again, and looks at the threads while one is overdue."""

    def __init__(self, loop: asyncio.AbstractEventLoop, path: Path) -> None:
        super().__init__(daemon=True, name="watch")
        self._loop = loop
        self._path = path
        self._main = threading.main_thread()
        self._collecting_s = 0.0
        self._collected_at = 0.0
        gc.callbacks.append(self._note_collection)

    def _note_collection(self, phase: str, _info: dict[str, int]) -> None:
        now = time.monotonic()
        if phase == "start":
            self._collected_at = now
        else:
            self._collecting_s += now - self._collected_at

    def run(self) -> None:
        while True:
            self._one_beat()

    def _one_beat(self) -> None:
        beat = threading.Event()
        asked_at, ran, collected = time.monotonic(), self._ran_s(), self._collecting_s
        try:
            self._loop.call_soon_threadsafe(beat.set)
        except RuntimeError:  # The loop has ended.
            sys.exit()
        samples: Counter[str] = Counter()
        latest, looked_at = 0.0, asked_at
        while not beat.wait(_LOOK_S):
            now = time.monotonic()
            latest, looked_at = max(latest, now - looked_at - _LOOK_S), now
            if now - asked_at > STALL_S / 2 and sum(samples.values()) < _SAMPLES:
                samples[self._stacks()] += 1
        took_s = time.monotonic() - asked_at
        if took_s > STALL_S:
            now_ran = self._ran_s()
            line = {
                "stalled_ms": round(1000 * took_s),
                "main_ran_ms": round(1000 * (now_ran[0] - ran[0])),
                "main_waited_ms": round(1000 * (now_ran[1] - ran[1])),
                "watch_late_ms": round(1000 * latest),
                "collector_ms": round(1000 * (self._collecting_s - collected)),
                "stacks": samples.most_common(4),
            }
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")
        time.sleep(_LOOK_S)

    def _ran_s(self) -> tuple[float, float]:
        """Seconds that the main thread ran, and that it waited for a processor."""
        path = Path(f"/proc/{os.getpid()}/task/{self._main.native_id}/schedstat")
        ran, waited, _ = path.read_text().split()
        return int(ran) / 1e9, int(waited) / 1e9

    def _stacks(self) -> str:
        names = {each.ident: each.name for each in threading.enumerate()}
        stacks = [
            f"{names.get(ident, ident)}: {_stack(frame)}"
            for ident, frame in sys._current_frames().items()
            if ident != self.ident
        ]
        return " || ".join(sorted(stacks, key=lambda stack: not stack.startswith("MainThread")))


def _stack(frame: FrameType | None) -> str:
    places: list[str] = []
    while frame is not None and len(places) < _DEPTH:
        code = frame.f_code
        places.append(f"{Path(code.co_filename).name}:{code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(places)


class Profile:
    """Counts by the processor's time which part of the program was at work."""

    def __init__(self) -> None:
        self.parts: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, _PROFILE_EVERY_S, _PROFILE_EVERY_S)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        self.parts[part_of(frame)] += 1


_PARTS = {
    "/ollama/": "the stream: bytes to deltas",
    "httpx": "the stream: bytes to deltas",
    "httpcore": "the stream: bytes to deltas",
    "h11": "the stream: bytes to deltas",
    "anyio": "the stream: bytes to deltas",
    "/session/": "the journal",
    "/tui/blocks/": "blocks to lines",
    "/tui/rendering/": "blocks to lines",
    "pygments": "highlighting",
    "/transcript/parsing": "Markdown to pieces",
    "markdown_it": "Markdown to pieces",
    "/transcript/markdown": "Markdown to pieces",
    "/transcript/": "events to blocks",
    "/agent/": "the turn",
    "/tui/transcript_": "the page: what to paint",
    "/tui/": "the rest of the screen",
    "textual/_compositor": "Textual: composing and painting",
    "textual/strip": "Textual: composing and painting",
    "textual/driver": "Textual: composing and painting",
    "textual/": "Textual: messages, timers, styles",
    "asyncio/": "asyncio",
}


def part_of(frame: FrameType | None) -> str:
    """The part that the innermost frame with a name of its own belongs to."""
    while frame is not None:
        for fragment, part in _PARTS.items():
            if fragment in frame.f_code.co_filename:
                return part
        frame = frame.f_back
    return "the rest"


class WatchedApp(tui_app.VtcodeApp):
    """Writes to the file that VTCODE_WATCH names."""

    def on_mount(self) -> None:
        Watch(asyncio.get_running_loop(), _path()).start()


def _path() -> Path:
    return Path(os.environ["VTCODE_WATCH"])


def _profile() -> None:
    from vtcode_tui.conversation.events import Event, TextDelta, TurnFinished
    from vtcode_tui.tui.chat_screen import ChatScreen

    profile, take = Profile(), ChatScreen.take

    def watched(screen: Any, event: Event) -> None:
        if isinstance(event, TextDelta) and not profile.parts:
            profile.parts["the rest"] += 0
            profile.start()
        take(screen, event)
        if isinstance(event, TurnFinished):
            screen.set_timer(0.5, profile.stop)

    setattr(ChatScreen, "take", watched)  # noqa: B010 - measured from outside
    atexit.register(lambda: _path().write_text(json.dumps({"parts": profile.parts}) + "\n"))


if __name__ == "__main__":
    if os.environ.get("VTCODE_PROFILE"):
        _profile()
    else:
        setattr(tui_app, "VtcodeApp", WatchedApp)  # noqa: B010 - run_app looks it up there
    entry_point()
