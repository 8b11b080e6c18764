"""Connection errors: nothing answered, the connection broke, or the peer is not Ollama. Pure."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from enum import Enum

from vtcode_tui.errors import ServerUnreachable, StreamBroken, UnexpectedReply
from vtcode_tui.ollama.address import ServerAddress

BASE_URL_ADVICE = (
    "Check that --base-url (or base_url in vtcode.toml) is the root of an Ollama server,"
    " such as http://localhost:11434."
)


class Unreachable(Enum):
    """Why there was no connection."""

    REFUSED = "connection refused"
    UNKNOWN_HOST = "the host is not known"
    CONNECT_TIMEOUT = "no connection in time"
    CERTIFICATE = "the certificate is not trusted"
    NO_TLS = "it does not speak TLS"
    OTHER = "the connection failed"


def reason_of(error: BaseException) -> tuple[Unreachable, str]:
    """Why a connection failed, and the system's message, from the causes of ``error``."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unreachable.CERTIFICATE, cause.verify_message or str(cause)
        if isinstance(cause, ssl.SSLError):
            return Unreachable.NO_TLS, str(cause)
        if isinstance(cause, socket.gaierror):
            return Unreachable.UNKNOWN_HOST, cause.strerror or str(cause)
        if isinstance(cause, ConnectionRefusedError):
            return Unreachable.REFUSED, str(cause)
    return Unreachable.OTHER, str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and all its causes; each address that was tried has its own."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _causes(one)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)


def unreachable(address: ServerAddress, reason: Unreachable, detail: str = "") -> ServerUnreachable:
    """No connection was made. ``detail`` is the system's message."""
    what = f"No Ollama server answers at {address.url}."
    match reason:
        case Unreachable.REFUSED:
            why = "Connection refused: nothing listens there."
        case Unreachable.UNKNOWN_HOST:
            why = f"The host name is not known. {detail}".rstrip()
        case Unreachable.CONNECT_TIMEOUT:
            why = "Timed out: no connection came about."
        case Unreachable.CERTIFICATE:
            what = f"The certificate of {address.url} is not trusted, so nothing was sent."
            why = detail
        case Unreachable.NO_TLS:
            why = "It does not speak TLS."
        case Unreachable.OTHER:
            why = detail
    may_retry = reason in (
        Unreachable.REFUSED,
        Unreachable.UNKNOWN_HOST,
        Unreachable.CONNECT_TIMEOUT,
    )
    return ServerUnreachable(
        what, why=why, advice=_reach_advice(address, reason), may_retry=may_retry
    )


def _reach_advice(address: ServerAddress, reason: Unreachable) -> str:
    if reason is Unreachable.CERTIFICATE:
        return (
            "Check the address, the clock of this machine, and the server's certificate."
            "\nOne that you made or an authority of your own: SSL_CERT_FILE=FILE.pem vtcode-tui"
        )
    if address.is_cloud:
        return "Check the network connection of this machine."
    if reason is Unreachable.UNKNOWN_HOST:
        return "Check how it is written and the network, or give its number: --base-url http://IP:11434"
    plain = f"--base-url {address.url.replace('https:', 'http:', 1)}"
    if reason is Unreachable.NO_TLS:
        return f"Try the address with http: {plain}"
    start = "Start it with: ollama serve"
    if not address.is_loopback:
        start = "Start it there with: OLLAMA_HOST=0.0.0.0 ollama serve"
    lines = [start, "or use another: /server in the app, else --base-url http://HOST:11434"]
    if address.is_encrypted:
        lines.append(f"or, if it does not speak TLS: {plain}")
    return "\n".join(lines)


def no_answer(address: ServerAddress, seconds: float) -> ServerUnreachable:
    """Connected, but no response head arrived within ``seconds``."""
    return ServerUnreachable(
        f"Timed out: no response from {address.url} within {seconds:g} s.",
        why="The server took the request and sent nothing: it may still load the model, or hang.",
        advice="See what it does: ollama ps\nThen send the prompt again.",
    )


def stalled(seconds: float) -> StreamBroken:
    return StreamBroken(
        "The answer timed out.",
        why=f"There was no progress in it for {seconds:g} s.",
        advice="What came is kept. Send the prompt again, or ask the model to go on.",
    )


def cut_off(address: ServerAddress, detail: str, *, had_head: bool) -> StreamBroken:
    """The connection closed before the answer ended."""
    if not had_head:
        advice = "The server may have been stopped or restarted. Send the prompt again."
        if not address.is_encrypted:
            advice += f"\nIf it speaks TLS: --base-url {address.url.replace('http:', 'https:', 1)}"
        return StreamBroken(
            f"The connection was closed by {address.url} before it answered.",
            why=detail or "Nothing had come by then.",
            advice=advice,
        )
    return StreamBroken(
        "The answer is incomplete: the connection was interrupted.",
        why=detail or "It was reset from the other side.",
        advice="What came is kept. The server may have been stopped: check with ollama ps",
    )


def not_ollama(address: ServerAddress, why: str, status: int | None = None) -> UnexpectedReply:
    return UnexpectedReply(
        f"What answers at {address.url} is not an Ollama server, or something stands before it.",
        why=why,
        advice=BASE_URL_ADVICE,
        status=status,
    )


def redirected(address: ServerAddress, status: int, target: str) -> UnexpectedReply:
    """A redirect, which is not followed: it would post the conversation to another host."""
    return UnexpectedReply(
        f"{address.url} redirects to {target[:200] or 'nowhere'}.",
        why=f"Redirects ({status}) are not followed, so that nothing goes to an address you did not name.",
        advice="If you trust that address, give it with --base-url.",
        status=status,
    )


def pull_broken(model: str) -> StreamBroken:
    return StreamBroken(
        f"The pull of {model} ended before it was complete.",
        why="The server closed the connection.",
        advice="Pull it again: it goes on where it stopped.",
    )
