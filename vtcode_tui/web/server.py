"""Serves the app's page over HTTP: textual-serve's page and files behind the gate, one app per
websocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.server import Server

from vtcode_tui.web.gate import LOOPBACK, Gate, headers, refusal
from vtcode_tui.web.served_app import AppProcess, ServedApp

_PAGE = Path(__file__).parent / "page"
_HEARTBEAT_S = 15.0
_SIDE_CELLS = range(1, 1_000)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AppServer(Server):
    """``process`` is started for each page that connects; ``report`` gets its stderr."""

    def __init__(
        self, gate: Gate, process: AppProcess, *, title: str, report: Callable[[str], None]
    ) -> None:
        super().__init__(
            title,
            host=LOOPBACK,
            port=gate.port,
            title=title,
            public_url=gate.origin,
            templates_path=_PAGE,
        )
        self._gate = gate
        self._process = process
        self._report = report
        self._sockets: set[web.WebSocketResponse] = set()

    def make_app(self) -> web.Application:
        """All routes are under the token; the gate checks every path, known or not."""
        pages = web.Application()
        aiohttp_jinja2.setup(pages, loader=jinja2.FileSystemLoader(self.templates_path))
        pages.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get("/page.js", _page_script),
                web.get("/ws", self.handle_websocket, name="websocket"),
                web.static("/static", self.statics_path, name="static"),
            ]
        )
        app = web.Application(middlewares=[self._ask_the_gate])
        app.add_subapp(f"/{self._gate.token}", pages)
        app.on_response_prepare.append(self._add_headers)
        app.on_shutdown.append(self._close_sockets)
        return app

    @web.middleware
    async def _ask_the_gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        goes_to_socket = "upgrade" in request.headers.get("Connection", "").lower()
        if not self._gate.lets_in(request, to_the_socket=goes_to_socket):
            return refusal()
        return await handler(request)

    async def _add_headers(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers(self._gate))

    async def _close_sockets(self, _: web.Application) -> None:
        await asyncio.gather(
            *(socket.close(code=WSCloseCode.GOING_AWAY) for socket in tuple(self._sockets))
        )

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run one app while the page is connected."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S)
        if not socket.can_prepare(request):
            raise web.HTTPUpgradeRequired
        await socket.prepare(request)
        app = ServedApp(
            self._process,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            report=self._report,
        )
        self._sockets.add(socket)
        try:
            await app.start(
                _cells(request.query.get("width"), 80), _cells(request.query.get("height"), 24)
            )
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await _hand_on(message.data, app, socket)
        finally:
            self._sockets.discard(socket)
            await app.stop()
        return socket


async def _page_script(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGE / "page.js")


async def _hand_on(text: str, app: ServedApp, socket: web.WebSocketResponse) -> None:
    """One message of the page to the app. What is not understood is left."""
    match _parsed(text):
        case ["stdin", str(typed)]:
            await app.send_bytes(typed.encode("utf-8", "replace"))
        case ["resize", {"width": int(width), "height": int(height)}]:
            await app.set_terminal_size(_cells(width, 80), _cells(height, 24))
        case ["ping", str(sent)]:
            await socket.send_json(["pong", sent])
        case ["blur"]:
            await app.blur()
        case ["focus"]:
            await app.focus()


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _cells(given: str | int | None, default: int) -> int:
    """A width or height in cells, within what a program can be asked to paint."""
    try:
        cells = int(given or default)
    except ValueError:
        return default
    return cells if cells in _SIDE_CELLS else default
