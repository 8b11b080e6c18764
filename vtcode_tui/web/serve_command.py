"""``vtcode-tui serve``: the app in a browser on this machine, until Ctrl+C.

The only command whose own process listens on a socket, and that on loopback alone.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from vtcode_tui.errors import ConfigError, VtcodeError
from vtcode_tui.transcript.clean import clean_line, clean_text

_SHUTDOWN_S = 8.0
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_serve(workspace: Path, environment: Mapping[str, str], port: int) -> int:
    """Serve until a signal ends it; return the exit status. Each page has its own app, started with
    ``environment``; ``port`` 0 means any free one. Raises ConfigError, VtcodeError."""
    if find_spec("textual_serve") is None:
        raise ConfigError(
            "The app cannot be served to a browser.",
            why="The package textual-serve is not installed.",
            advice=f"Run: {sys.executable} -m pip install textual-serve",
        )
    with _listener(port) as listener:
        return asyncio.run(_serve(workspace, environment, listener))


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise VtcodeError(
            f"Port {port} cannot be listened to.",
            why=str(error),
            advice="Take any free one: vtcode-tui serve",
        ) from error


async def _serve(workspace: Path, environment: Mapping[str, str], listener: socket.socket) -> int:
    from aiohttp import web

    from vtcode_tui.web.gate import Gate, new_token
    from vtcode_tui.web.served_app import AppProcess
    from vtcode_tui.web.server import AppServer

    gate = Gate(new_token(), listener.getsockname()[1])
    # -P: with -m alone Python would import from the current directory, which is the user's project.
    process = AppProcess((sys.executable, "-P", "-m", "vtcode_tui"), environment)
    server = AppServer(gate, process, title=_title(workspace), report=_say)
    runner = web.AppRunner(server.make_app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        ending = _signals()
        _say(f"Open in a browser on this machine:\n\n  {gate.address}\n\nCtrl+C ends it.")
        number = await ending
    finally:
        await runner.cleanup()
    return 0 if number == signal.SIGINT else 128 + number


def _signals() -> asyncio.Future[int]:
    """Wait for a signal that asks this process to end; later ones have no effect."""
    loop = asyncio.get_running_loop()
    ending: asyncio.Future[int] = loop.create_future()

    def end(number: int) -> None:
        if not ending.done():
            ending.set_result(number)

    for number in _ENDING:
        loop.add_signal_handler(number, end, number)
    return ending


def _title(workspace: Path) -> str:
    return f"vtcode-tui · {clean_line(workspace.name) or '/'}"


def _say(text: str) -> None:
    sys.stdout.write(f"{clean_text(text)}\n")
    sys.stdout.flush()
