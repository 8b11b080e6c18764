"""Textual's web driver, made to end with the server that feeds it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import partial

from textual import messages
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Named in TEXTUAL_DRIVER by the process that serves the app to a browser."""

    def start_application_mode(self) -> None:
        self._loop_of_app = asyncio.get_running_loop()
        self._write = partial(self._write_all)
        super().start_application_mode()

    def run_input_thread(self) -> None:
        """When the input has ended, the server is gone: nobody can see or stop the app any more."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            asyncio.run_coroutine_threadsafe(
                self._app._post_message(messages.ExitApp()), self._loop_of_app
            )

    def _write_all(self, packet: bytes) -> int:
        """Writes the whole packet; nothing to a server that is gone."""
        left = memoryview(packet)
        with suppress(BrokenPipeError):
            while left:
                left = left[os.write(self.fileno, left) :]
        return len(packet)
