"""Who may talk to the server: only a page that was opened by the address with the token in it.

Loopback alone keeps nobody out: every web page that the browser shows and every user of this machine
can reach it. The token is the first part of each path, of the page, its files and its websocket, so
nothing has to be remembered in a cookie, which a browser would send to every port of this host.
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
    """A token of 256 random bits that can stand in an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


@dataclass(frozen=True, slots=True)
class Gate:
    """What a request must bring: the ``token`` in its path, the right host, from a page the right
    origin. ``port`` is the one that is listened to on loopback."""

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
        """What the user opens."""
        return f"{self.origin}/{self.token}/"

    def lets_in(self, request: web.Request, *, to_the_socket: bool) -> bool:
        """Whether ``request`` may be answered.

        The host is compared because a page of any site can have its own name lead to 127.0.0.1 (DNS
        rebinding), the origin because websockets are not held to the same one by the browser.
        """
        origin = request.headers.get("Origin")
        has_right_origin = origin == self.origin or (origin is None and not to_the_socket)
        first = request.path.split("/", 2)[1]
        has_token = hmac.compare_digest(_octets(first), _octets(self.token))
        return has_token and request.headers.get("Host") == self.authority and has_right_origin


def refusal() -> web.Response:
    """One answer for all that is refused, so that it does not tell what was wrong."""
    return web.Response(status=403, text=_REFUSAL)


def headers(gate: Gate) -> dict[str, str]:
    """What each answer says to the browser: nothing from elsewhere, in no other page's frame, and
    the address with the token is given to nobody."""
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
