"""One app process per page, from the page's connection to its end.

The packets between the two are those of Textual's web driver; textual-serve reads and writes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

_LEAVE_GRACE_S = 5.0
_END_GRACE_S = 1.0
_KEPT_ERROR_BYTES = 16_384
_PRELUDE = b"__GANGLION__\n"
_TERMINAL = {
    "TEXTUAL_DRIVER": "vtcode_tui.tui.browser_driver:BrowserDriver",
    "TEXTUAL_COLOR_SYSTEM": "truecolor",
    "TEXTUAL_FPS": "60",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "TERM_PROGRAM": "textual",
}
"""What the page is, to the app: whatever terminal the server itself was started in."""


@dataclass(frozen=True, slots=True)
class AppProcess:
    """How to start the app: the program with its arguments, and the complete environment."""

    command: Sequence[str]
    environment: Mapping[str, str]


class ServedApp(AppService):
    """``report`` gets the process's stderr when it has ended."""

    def __init__(
        self,
        process: AppProcess,
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[object]],
        report: Callable[[str], None],
    ) -> None:
        super().__init__(
            process.command[0],
            write_bytes=write_bytes,
            write_str=write_str,
            close=close,
            download_manager=DownloadManager(),
        )
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._app_process = process
        self._report = report
        self._is_heard = True

    async def _open_app_process(
        self, width: int = 80, height: int = 24
    ) -> asyncio.subprocess.Process:
        """Start without a shell, in its own session: Ctrl+C at the server's terminal is for the
        server."""
        given = self._app_process
        environment = {
            **given.environment,
            **_TERMINAL,
            "COLUMNS": str(width),
            "ROWS": str(height),
        }
        self._process = process = await asyncio.create_subprocess_exec(
            *given.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Forward the app's output until it ends; then close the page's connection."""
        process = self._process
        if process is None or process.stdout is None or process.stderr is None:
            raise AssertionError("it was started with pipes")
        errors = asyncio.create_task(_tail(process.stderr))
        try:
            if await process.stdout.readline() == _PRELUDE:
                await self._pass_on(process.stdout)
            while await process.stdout.read(65_536):
                """Read to the end, so that the app never waits for a reader."""
            await process.wait()
            if said := (await errors).decode("utf-8", "replace").strip():
                self._report(said)
            with contextlib.suppress(ConnectionError):
                await self.remote_close()
        finally:
            errors.cancel()

    async def _pass_on(self, stdout: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                kind = await stdout.readexactly(1)
                size = int.from_bytes(await stdout.readexactly(4), "big")
                payload = await stdout.readexactly(size)
                try:
                    if kind == b"D" and self._is_heard:
                        await self.on_data(payload)
                    elif kind == b"M" and self._is_heard:
                        await self.on_meta(payload)
                except ConnectionError:
                    self._is_heard = False

    async def stop(self) -> None:
        """Quit the app like its user would, so that it saves everything; make sure that it ends."""
        process, running = self._process, self._task
        if process is None:
            return
        try:
            if process.returncode is None:
                await self.send_meta({"type": "quit"})
                await _wait_s(process, _LEAVE_GRACE_S)
            if process.returncode is None:
                process.terminate()
                await _wait_s(process, _END_GRACE_S)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            if running is not None:
                await asyncio.wait([running], timeout=_END_GRACE_S)
                running.cancel()


async def _wait_s(process: asyncio.subprocess.Process, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await process.wait()


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """Read a stream to its end; return the last part."""
    kept = b""
    while piece := await stream.read(4_096):
        kept = (kept + piece)[-_KEPT_ERROR_BYTES:]
    return kept
