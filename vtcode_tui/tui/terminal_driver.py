"""Textual's driver of a terminal, made to outlive the terminal's end for long enough to leave well."""

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

from vtcode_tui.tui.signals import on_terminal_signals

_READ_BYTES = 4096
_HUNG_UP = 129
"""128 + SIGHUP, the exit status of a program whose terminal was closed."""


class TerminalDriver(LinuxDriver):
    """Leaves the app when the terminal is closed, also where no SIGHUP tells of it."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        # Typed by Textual as what it opened; all that it does with it is write and flush.
        self._file = cast("Any", _LastingFile(cast("IO[str]", self._file)))
        self._has_watch = False
        self._input_ends = _SelectableEvent()
        self.exit_event = self._input_ends

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual reads the size in the signal's own handler, which the next signal interrupts: the
        # older of two sizes could come last, and stay.
        on_terminal_signals(
            new_size=self._take_size,
            stop=self._sigtstp_application,
            go_on=self._sigcont_application,
        )
        # macOS does not poll terminals.
        if not self._has_watch and sys.platform != "darwin":
            self._has_watch = True
            loop = asyncio.get_running_loop()
            threading.Thread(
                target=self._watch, args=(loop,), daemon=True, name="terminal-watch"
            ).start()

    def send_message(self, message: Message) -> None:
        """Textual makes a task for each message: one more turn of the loop that a key waits for."""
        with suppress(RuntimeError):  # The loop has ended.
            self._loop.call_soon_threadsafe(self._app.post_message, message)

    def run_input_thread(self) -> None:
        """As Textual's own, which wakes every 100 ms, to see whether an Esc was one or the beginning of
        a key's sequence and whether to end: this one wakes when there is something to do."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._input_ends, selectors.EVENT_READ)
            while not self._input_ends.is_set():
                is_undecided = parser._timeout_time is not None
                ready = selector.select(constants.ESCAPE_DELAY if is_undecided else None)
                if any(key.fd == self.fileno for key, _ in ready):
                    text = decode(os.read(self.fileno, _READ_BYTES))
                    for message in parser.feed(text) if text else ():
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
        """Textual would start a second time over what is running, and the first writer would be lost.

        The kernel sends this signal with a hang-up too, and then there is nothing to go on with.
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

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        hang_up = select.poll()
        hang_up.register(self.fileno, 0)
        hang_up.poll()
        with suppress(RuntimeError):  # The loop has ended meanwhile.
            loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        self._app.exit(_HUNG_UP, return_code=_HUNG_UP)


class _SelectableEvent(threading.Event):
    """An event that a selector can wait for too: it has something to read while it is set."""

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


class _LastingFile:
    """A terminal's file that takes what is written after its end, and drops it: Textual's writer
    would die of the error, and the event loop wait for it for ever."""

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
