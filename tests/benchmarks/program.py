"""A program in a pty, watched from outside: when which bytes came out, what it used. Linux only.

Nothing is asked of the program: a letter that was typed counts as shown when its bytes come out.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

_TICKS = os.sysconf("SC_CLK_TCK")
_LETTERS = [
    chr(code) for code in (*range(0x561, 0x587), *range(0x531, 0x557), *range(0x430, 0x450))
]
"""Letters that are nowhere on the screen until they are typed."""
_CONTROL = re.compile(
    rb"\x1b\[[0-9;:?<>=!]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\s\x00-\x1f]"
)
_QUERY = re.compile(rb"\x1b\[\?(\d+)\$p|\x1b\[(6n|c)")
_PATIENCE_S = 60.0
_LATEST = 40
"""Pieces of output that are kept to show what was on the screen when something did not come."""


def now() -> float:
    return time.monotonic()


class Program:
    """Runs ``command`` on a terminal of 120 by 40. A context manager. Times are in seconds."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]
    ) -> None:
        self.rows, self.columns = 40, 120
        self.received = 0
        self.last_output_s = 0.0
        self.longest_gap_s = 0.0
        self._printed = 0
        self._tail = b""
        self._latest: deque[bytes] = deque(maxlen=_LATEST)
        self._typed = 0
        self._waiting: dict[bytes, float] = {}
        self._seen: dict[bytes, float] = {}
        self._watched: set[bytes] = set()
        self.started_s = now()
        self.first_paint_s: float | None = None
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(command[0], list(command), dict(environment))
        self.resize(self.columns)
        os.set_blocking(self._fd, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, ending)
            end = now() + 3
            while now() < end:
                self.pump(0.02)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self._fd)
                    return

    # --- the terminal -------------------------------------------------------------------------

    def write(self, text: str | bytes) -> None:
        """What the keyboard sends."""
        os.write(self._fd, text if isinstance(text, bytes) else text.encode())

    def resize(self, columns: int) -> None:
        size = struct.pack("HHHH", self.rows, columns, 0, 0)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)

    def pump(self, timeout_s: float) -> bool:
        """Take what comes out within ``timeout_s``; whether anything did."""
        if not select.select([self._fd], [], [], max(0.0, timeout_s))[0]:
            return False
        try:
            piece = os.read(self._fd, 1 << 18)
        except OSError:
            time.sleep(0.01)
            return False
        at = now()
        self.longest_gap_s = max(self.longest_gap_s, at - self.last_output_s)
        self.received += len(piece)
        self._latest.append(piece)
        self.last_output_s = at
        whole = self._tail + piece
        self._tail = piece[-3:]
        for wanted in [wanted for wanted in self._watched if wanted in whole]:
            self._watched.discard(wanted)
            self._seen[wanted] = at
        if self.first_paint_s is None:
            self._printed += len(_CONTROL.sub(b"", piece))
            if self._printed >= 200:
                self.first_paint_s = at
        self._reply(piece)
        return True

    def _reply(self, piece: bytes) -> None:
        for mode, query in _QUERY.findall(piece):
            if mode:
                self.write(b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0))
            elif query == b"6n":
                self.write(b"\x1b[1;1R")
            else:
                self.write(b"\x1b[?62;22c")

    def run(self, seconds: float) -> None:
        end = now() + seconds
        while (left := end - now()) > 0:
            self.pump(left)

    def settle(self, quiet_s: float = 0.4, limit_s: float = 10.0) -> None:
        """Until nothing has come out for ``quiet_s``, from now on."""
        begun = now()
        while now() - begun < limit_s and now() - max(begun, self.last_output_s) < quiet_s:
            self.pump(0.02)

    def watch_gaps(self) -> None:
        """``longest_gap_s`` is of what comes out, or does not, from now on."""
        self.longest_gap_s, self.last_output_s = 0.0, now()

    # --- what is measured ---------------------------------------------------------------------

    def watch(self, *texts: str) -> None:
        """From now on note when these come out."""
        for text in texts:
            self._seen.pop(text.encode(), None)
            self._watched.add(text.encode())

    def seen(self, text: str) -> float | None:
        return self._seen.get(text.encode())

    def wait_for(self, text: str, limit_s: float = _PATIENCE_S) -> float:
        """When a watched text came out. RuntimeError when it does not."""
        end = now() + limit_s
        while (at := self.seen(text)) is None:
            if now() > end:
                raise RuntimeError(f"{text!r} did not come out within {limit_s} s\n{self.screen()}")
            self.pump(0.01)
        return at

    def screen(self) -> str:
        """What the terminal shows, as far as it follows from the latest output."""
        screen = pyte.Screen(self.columns, self.rows)
        pyte.ByteStream(screen).feed(b"".join(self._latest))
        return "\n".join(line.rstrip() for line in screen.display if line.strip())

    def wait_for_paint(self) -> float:
        """When the first screen was painted."""
        end = now() + _PATIENCE_S
        while self.first_paint_s is None:
            if now() > end:
                raise RuntimeError("nothing was painted")
            self.pump(0.005)
        return self.first_paint_s

    def type_letter(self) -> str:
        """Type one that is not on the screen, and watch for it."""
        letter = _LETTERS[self._typed % len(_LETTERS)]
        self._typed += 1
        self.watch(letter)
        self._waiting[letter.encode()] = now()
        self.write(letter)
        return letter

    def echo(self) -> float:
        """How long a letter takes from the key to the screen."""
        letter = self.type_letter()
        return self.wait_for(letter, 15) - self._waiting[letter.encode()]

    def echoes(self, count: int) -> list[float]:
        """The same ``count`` times, a tenth of a second apart at uneven moments."""
        times = []
        for number in range(count):
            times.append(self.echo())
            self.run(0.08 + 0.04 * (number * 0.618 % 1))
        return times

    def wait_for_prompt(self) -> float:
        """When a letter that is typed again and again is first shown: the program takes keys."""
        letters = []
        while True:
            letters.append(self.type_letter())
            self.run(0.02)
            shown = [at for letter in letters if (at := self.seen(letter)) is not None]
            if shown:
                return min(shown)

    def erase(self, count: int) -> None:
        for _ in range(count):
            self.write(b"\x7f")
            self.run(0.004)
        self.settle(0.2)

    def reaction(self, action: Callable[[], None], quiet_s: float = 0.25) -> float | None:
        """From an action to the last that it paints; None when it paints nothing."""
        before, started = self.received, now()
        action()
        while now() - started < 10:
            self.pump(0.01)
            if self.received > before and now() - self.last_output_s > quiet_s:
                return self.last_output_s - started
            if self.received == before and now() - started > 1.5:
                return None
        return None

    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS

    def memory_mb(self) -> float:
        """What is resident now, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
