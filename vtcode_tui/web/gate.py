"""Authenticates requests by the token in the address that the user opened.

Listening on loopback is not enough: any web page in the browser, and any user of this machine, can
connect. The token is the first segment of every path (page, files, websocket), so no cookie is
needed, which a browser would send to every port of this host.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from aiohttp import web

LOOPBACK = "127.0.0.1"
_TOKEN_BYTES = 32
_REFUSAL = "Refused. Open the whole address that vtcode-tui serve has printed.\n"


def new_token() -> str:
    """A URL-safe token of 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Gate:
    """A request must have the ``token`` in its path, the right host, and, if it comes from a page,
    the right origin. ``port`` is the loopback port."""

    token: str
    port: int

    @property
    def authority(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.authority}"

    @property
    def address(self) -> str:
        """The address for the user to open."""
        return f"{self.origin}/{self.token}/"

    def lets_in(self, request: web.Request, *, to_the_socket: bool) -> bool:
        """Whether to answer ``request``.

        The host is checked because a page of any site can have its own name resolve to 127.0.0.1
        (DNS rebinding), the origin because browsers do not restrict websockets to the same one.
        """
        origin = request.headers.get("Origin")
        has_right_origin = origin == self.origin or (origin is None and not to_the_socket)
        first = request.path.split("/", 2)[1]
        has_token = hmac.compare_digest(_octets(first), _octets(self.token))
        return has_token and request.headers.get("Host") == self.authority and has_right_origin


def refusal() -> web.Response:
    """The same answer for every refused request, so that it does not reveal the reason."""
    return web.Response(status=403, text=_REFUSAL)


def headers(gate: Gate) -> dict[str, str]:
    """The security headers of every answer: no external content, no framing, no referrer with the
    token."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self';"
        f" img-src data:; connect-src ws://{gate.authority}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
