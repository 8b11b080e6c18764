"""A real program in a real pty, its screen kept by a terminal emulator."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backtab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+c": "\x03",
    "ctrl+d": "\x04",
    "ctrl+j": "\n",
    "ctrl+o": "\x0f",
    "ctrl+q": "\x11",
    "ctrl+s": "\x13",
    "ctrl+y": "\x19",
    "ctrl+z": "\x1a",
}


def quiet_environment(home: Path, **extra: str) -> dict[str, str]:
    """An environment with a home of its own and nothing of the developer's settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TEXTUAL_ANIMATIONS": "none",
        **extra,
    }


class Terminal:
    """Runs ``command`` in ``cwd`` on a terminal of ``columns`` by ``rows``. A context manager."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self.received = bytearray()
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(cwd),
            env=dict(environment),
            dimensions=(rows, columns),
            timeout=None,
        )
        self.process.delaybeforesend = None
        self._hung_up, self._hang_up = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The reader goes first: the number of a closed terminal may be another file's a moment later.
        os.write(self._hang_up, b".")
        self._reader.join(timeout=5)
        if not self.process.isalive():
            self.process.ptyproc.delayafterclose = 0  # type: ignore[attr-defined]
        try:
            self.process.close(force=True)
        except pexpect.ExceptionPexpect:  # It was killed, but a busy machine had yet to do it.
            self.wait_exit()
        os.close(self._hung_up)
        os.close(self._hang_up)

    def hang_up(self) -> None:
        """Close the terminal, as its window is closed: the program in it is not."""
        os.write(self._hang_up, b".")
        self._reader.join(timeout=5)  # A read under way would keep it open.
        self.process.ptyproc.fileobj.close()  # type: ignore[attr-defined] # The stubs lack it.

    def _read(self) -> None:
        while True:
            try:
                ready = select.select([self.process.child_fd, self._hung_up], [], [])[0]
                if self._hung_up in ready:
                    return
                received = os.read(self.process.child_fd, 65536)
            except OSError:
                return
            if not received:
                return
            with self._lock:
                self.received += received
                self._stream.feed(received)

    def text(self) -> str:
        """The screen as it is now, lines without trailing blanks."""
        with self._lock:
            # The emulator's own text of a line fails on a cell that a combining mark left empty.
            cells, columns = self._screen.buffer, range(self._screen.columns)
            lines = [
                "".join(cells[row][column].data for column in columns)
                for row in range(self._screen.lines)
            ]
            return "\n".join(line.rstrip() for line in lines)

    def press(self, *keys: str) -> None:
        """Press keys by name, or type a text that is no key's name."""
        for key in keys:
            self.process.send(KEYS.get(key, key))

    def paste(self, text: str) -> None:
        self.process.send(f"\x1b[200~{text}\x1b[201~")

    def click(self, text: str) -> None:
        """Press and release the left mouse button on the middle of ``text`` on the screen."""
        for row, line in enumerate(self.text().split("\n")):
            column = line.find(text)
            if column >= 0:
                at = f"{column + len(text) // 2 + 1};{row + 1}"
                self.process.send(f"\x1b[<0;{at}M\x1b[<0;{at}m")
                return
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text()}")

    def resize(self, columns: int, rows: int) -> None:
        with self._lock:
            self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def wait_for(self, wanted: str | Callable[[str], bool], *, timeout_s: float = 20.0) -> str:
        """Wait until ``wanted`` is on the screen, or holds for its text; give the screen."""
        deadline = time.monotonic() + timeout_s
        while True:
            screen = self.text()
            if wanted in screen if isinstance(wanted, str) else wanted(screen):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout_s} s for {wanted!r}; screen:\n{screen}")
            time.sleep(0.02)

    def wait_gone(self, unwanted: str, *, timeout_s: float = 20.0) -> str:
        return self.wait_for(lambda screen: unwanted not in screen, timeout_s=timeout_s)

    def wait_exit(self, *, timeout_s: float = 20.0) -> int:
        """Wait for the program's end; its exit status, or minus the signal that ended it."""
        deadline = time.monotonic() + timeout_s
        while self.process.isalive():
            if time.monotonic() > deadline:
                raise AssertionError(f"still running after {timeout_s} s:\n{self.text()}")
            time.sleep(0.02)
        self._reader.join(timeout=5)
        status, signal = self.process.exitstatus, self.process.signalstatus
        return -signal if signal is not None else int(status or 0)
