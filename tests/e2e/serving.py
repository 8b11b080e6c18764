"""``vtcode-tui serve`` as a process, and a page made of bytes that talks to it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pyte
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.e2e.conftest import COMMAND
from tests.e2e.terminal import quiet_environment

_PATIENCE_S = 30.0


class Served:
    """A running server. ``url`` is what it has printed."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log
        self.url = ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def token(self) -> str:
        return urlsplit(self.url).path.strip("/")

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        """All that is on its terminal."""
        return self._log.read_text()

    def get(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body. ``headers`` can name another Host."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        try:
            connection.putrequest("GET", path, skip_host=headers is not None and "Host" in headers)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=_PATIENCE_S)


@contextmanager
def serving(
    home: Path, project: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Start ``vtcode-tui OPTIONS serve`` in ``project``; it is gone afterwards."""
    log = home / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [COMMAND, *options, "serve"],
            cwd=project,
            env=quiet_environment(home, **(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    served = Served(process, log)
    try:
        wait_until(lambda: "ends it" in served.said() or process.poll() is not None, served.said)
        found = re.search(r"http://\S+", served.said())
        assert found is not None, served.said()
        served.url = found[0]
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=_PATIENCE_S)


class Page:
    """The browser's end of a websocket, with a terminal emulator for eyes."""

    def __init__(self, socket: ClientWebSocketResponse, columns: int, rows: int) -> None:
        self.socket = socket
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    async def type(self, text: str) -> None:
        await self.socket.send_str(json.dumps(["stdin", text]))

    async def wait_for(self, wanted: str) -> str:
        """Read until ``wanted`` is on the screen; give the screen."""
        deadline = time.monotonic() + _PATIENCE_S
        while wanted not in self.text():
            message = await self.socket.receive(timeout=max(0.1, deadline - time.monotonic()))
            assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), (message, self.text())
            if message.type is WSMsgType.BINARY:
                self._stream.feed(message.data)
        return self.text()

    async def wait_closed(self) -> None:
        while not self.socket.closed:
            await self.socket.receive(timeout=_PATIENCE_S)


async def open_page(session: ClientSession, served: Served) -> Page:
    """What the page's script does once it is loaded."""
    socket = await session.ws_connect(
        f"{served.url}ws?width=100&height=30", headers={"Origin": served.origin}
    )
    return Page(socket, 100, 30)


def children(pid: int) -> dict[int, str]:
    """The processes that ``pid`` has started, with their command lines."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "ppid=,pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=2) for line in listing.splitlines()]
    return {int(row[1]): row[2] for row in rows if len(row) == 3 and int(row[0]) == pid}


def is_running(pid: int) -> bool:
    listing = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(listing) and not listing.startswith("Z")


def wait_until(holds: Callable[[], bool], tell: Callable[[], object] = str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, tell()
        time.sleep(0.02)
