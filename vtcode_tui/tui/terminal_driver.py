"""Textual's terminal driver, changed to survive a closed terminal long enough to exit cleanly."""

from __future__ import annotations

import asyncio
import os
import select
import selectors
import socket
import sys
import termios
import threading
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import IO, Any, cast

from textual import constants, events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from vtcode_tui.tui.bracketed_paste import PasteSplitter
from vtcode_tui.tui.signals import on_terminal_signals

_READ_BYTES = 64 * 1024
_HANGUP_STATUS = 129
"""128 + SIGHUP, the exit status of a program whose terminal was closed."""


class TerminalDriver(LinuxDriver):
    """Exits the app when the terminal is closed, also if no SIGHUP is delivered."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        # Textual types it as the file that it opened, but only writes and flushes.
        self._file = cast("Any", _HangupSafeFile(cast("IO[str]", self._file)))
        self._has_watch = False
        self._input_stop = _SelectableEvent()
        self.exit_event = self._input_stop

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual reads the size inside the signal handler, which the next signal can interrupt: the
        # older of two sizes could then be applied last.
        on_terminal_signals(
            new_size=self._take_size,
            stop=self._sigtstp_application,
            go_on=self._sigcont_application,
        )
        # macOS cannot poll terminals.
        if not self._has_watch and sys.platform != "darwin":
            self._has_watch = True
            loop = asyncio.get_running_loop()
            threading.Thread(
                target=self._watch_for_hangup, args=(loop,), daemon=True, name="terminal-watch"
            ).start()

    def send_message(self, message: Message) -> None:
        """Post without the task that Textual creates for each message, which delays a key by one
        more iteration of the loop."""
        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(self._app.post_message, message)

    def run_input_thread(self) -> None:
        """Read keys until the app ends. Textual's own wakes every 100 ms, to check whether an Esc
        was a complete key and whether to end; this one sleeps until there is something to do."""
        parser = XTermParser(self._debug)
        pastes = PasteSplitter()
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._input_stop, selectors.EVENT_READ)
            while not self._input_stop.is_set():
                is_undecided = parser._timeout_time is not None
                ready = selector.select(constants.ESCAPE_DELAY if is_undecided else None)
                if any(key.fd == self.fileno for key, _ in ready):
                    for part in pastes.feed(decode(os.read(self.fileno, _READ_BYTES))):
                        for message in parser.feed(part) if isinstance(part, str) else (part,):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        with suppress(EOFError, ParseError):
            for _ in parser.feed(""):
                pass

    def _take_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(events.Resize(size, size))

    def _sigcont_application(self, *_: object) -> None:
        """Resume after a stop. If Textual was not stopped it would start a second time over the
        running driver and lose the first writer, so it is suspended first.

        The kernel sends this signal with a hang-up too; then there is no terminal to resume on.
        """
        if not self._auto_restart or self._is_terminal_gone():
            return
        if not self._must_signal_resume:
            self.suspend_application_mode()
        super()._sigcont_application()

    def _is_terminal_gone(self) -> bool:
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return True
        return False

    def _watch_for_hangup(self, loop: asyncio.AbstractEventLoop) -> None:
        hang_up = select.poll()
        hang_up.register(self.fileno, 0)
        hang_up.poll()
        with suppress(RuntimeError):  # The loop has ended.
            loop.call_soon_threadsafe(self._exit_after_hangup)

    def _exit_after_hangup(self) -> None:
        self._app.exit(_HANGUP_STATUS, return_code=_HANGUP_STATUS)


class _SelectableEvent(threading.Event):
    """An event that a selector can wait for: its socket is readable while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = socket.socketpair()

    def fileno(self) -> int:
        return self._reader.fileno()

    def set(self) -> None:
        if not self.is_set():
            super().set()
            self._writer.send(b"1")

    def clear(self) -> None:
        if self.is_set():
            self._reader.recv(1)
            super().clear()


class _HangupSafeFile:
    """Wraps the terminal's file and drops what is written after the terminal was closed. Otherwise
    Textual's writer thread would die of the error, and the event loop would wait for it forever."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()
