"""Textual's web driver, changed to end with the server that feeds it."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import partial

from textual import messages
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Selected by TEXTUAL_DRIVER in the process that serves the app to a browser."""

    def start_application_mode(self) -> None:
        self._loop_of_app = asyncio.get_running_loop()
        self._write = partial(self._write_all)
        super().start_application_mode()

    def run_input_thread(self) -> None:
        """End the app when its input ends: the server is gone, and nobody can see or stop it."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            asyncio.run_coroutine_threadsafe(
                self._app._post_message(messages.ExitApp()), self._loop_of_app
            )

    def _write_all(self, packet: bytes) -> int:
        """Write the whole packet, or nothing if the server is gone."""
        left = memoryview(packet)
        with suppress(BrokenPipeError):
            while left:
                left = left[os.write(self.fileno, left) :]
        return len(packet)
