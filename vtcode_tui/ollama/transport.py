"""Sets up httpx for one server and translates its exceptions."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import TypeAlias

import httpx

from vtcode_tui.errors import ServerError
from vtcode_tui.ollama import faults
from vtcode_tui.ollama.address import ServerAddress
from vtcode_tui.ollama.timeouts import Timeouts

ResponseCheck: TypeAlias = Callable[[httpx.Response], Awaitable[None]]

_WRITE_S = 60.0
_KEPT_OPEN_S = 30.0
_UNPACKED_BYTES = 64 * 1024
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_PACKED = ("gzip", "x-gzip", "deflate")
_LONGEST_DETAIL = 300


def http_for(
    address: ServerAddress, key: str | None, timeouts: Timeouts, check: ResponseCheck
) -> httpx.AsyncClient:
    """A client for one server. The ``key`` is sent with every request; ``check`` sees each response
    head first and may raise. Redirects are not followed."""
    headers = {
        "User-Agent": "vtcode-tui",
        "Accept": "application/x-ndjson, application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    is_near = address.is_loopback
    connect_s = timeouts.loopback_connect_s if is_near else timeouts.connect_s
    return httpx.AsyncClient(
        headers=headers,
        # Plain http needs no TLS set-up, which is slow. SSL_CERT_FILE counts on this machine, too.
        verify=httpx.create_ssl_context() if address.is_encrypted else False,
        trust_env=not is_near,
        follow_redirects=False,
        event_hooks={"response": [check]},
        timeout=httpx.Timeout(connect=connect_s, read=None, write=_WRITE_S, pool=None),
        limits=httpx.Limits(
            # A new connection costs nothing without TLS, and none can be closed as it is used again.
            max_keepalive_connections=10 if address.is_encrypted else 0,
            keepalive_expiry=_KEPT_OPEN_S,
        ),
    )


class _ConnectionUse:
    """Records whether a request used a new connection or a kept-alive one."""

    is_new = False

    async def __call__(self, event: str, _: object) -> None:
        self.is_new = self.is_new or event == "connection.connect_tcp.started"


@asynccontextmanager
async def responding(
    http: httpx.AsyncClient, method: str, url: str, content: bytes | None
) -> AsyncIterator[httpx.Response]:
    """The response to one request, closed at the end.

    A server may close a kept-alive connection just as the next request is sent on it. If nothing
    came back, the request is sent once more. Raises httpx.HTTPError.
    """
    use = _ConnectionUse()
    request = http.build_request(method, url, content=content, extensions={"trace": use})
    try:
        response = await http.send(request, stream=True)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if use.is_new:
            raise
        again = http.build_request(method, url, content=content)
        response = await http.send(again, stream=True)
    async with aclosing(response):
        yield response


async def pieces_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """The bytes of a response. Compression is not requested; a compressed one is unpacked in small
    pieces, so that no answer fills the memory. Raises httpx.DecodingError."""
    if response.headers.get("content-encoding", "").strip().lower() not in _PACKED:
        async for piece in response.aiter_raw():
            yield piece
        return
    unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
    async for piece in response.aiter_raw():
        for unpacked in _unpacked(unpacking, piece):
            yield unpacked


def _unpacked(unpacking: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """The unpacked bytes of ``piece``, without empty pieces."""
    while piece and not unpacking.eof:
        try:
            unpacked = unpacking.decompress(piece, _UNPACKED_BYTES)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None
        if unpacked:
            yield unpacked
        piece = unpacking.unconsumed_tail


def fault_of(error: httpx.HTTPError, address: ServerAddress, *, had_head: bool) -> ServerError:
    """The ServerError for an exception of httpx; ``had_head`` says that the answer had begun."""
    text = (str(error) or type(error).__name__)[:_LONGEST_DETAIL]
    match error:
        case httpx.ConnectTimeout():
            return faults.unreachable(address, faults.Unreachable.CONNECT_TIMEOUT)
        case httpx.ConnectError() | httpx.ProxyError():
            return faults.unreachable(address, *faults.reason_of(error))
        case httpx.DecodingError():
            why = f"Its answer has an invalid content encoding: {text}"
            return faults.not_ollama(address, why)
        case httpx.RemoteProtocolError() if not had_head and "disconnected" not in text:
            return faults.not_ollama(address, f"It does not speak HTTP: {text}")
        case httpx.TimeoutException():
            return faults.no_answer(address, _WRITE_S)
        case _:
            return faults.cut_off(address, str(error)[:_LONGEST_DETAIL], had_head=had_head)
