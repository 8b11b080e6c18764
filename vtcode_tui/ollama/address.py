"""Parses a server address as users write it into the one address that is connected to. Pure; raises
ConfigError.

The host that is shown is the host that is connected to: spellings that a resolver would read
differently (``2130706433``, ``127.1``, letters outside ASCII) are refused, not guessed.
"""

from __future__ import annotations

import ipaddress
import re

from vtcode_tui.errors import ConfigError
from vtcode_tui.lazy_dataclass import dataclass

DEFAULT_URL = "http://localhost:11434"
CLOUD_HOST = "ollama.com"

_OLLAMA_PORT = 11434
_ADVICE = "Write it like http://localhost:11434, myhost:11434 or https://ollama.com."
_API_SUFFIX = re.compile(
    r"/(?:v1|api)(?:/(?:chat/completions|completions|embeddings|models|responses"
    r"|chat|generate|tags|show|ps|pull|version))?$"
)
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*"
)
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server's address. ``url`` has no trailing slash and no API path.

    ``is_loopback`` is true only for this machine; ``notices`` say what was changed in the user's
    text, and why.
    """

    url: str
    is_loopback: bool = False
    is_cloud: bool = False
    notices: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The name or number of the machine, without the port."""
        from urllib.parse import urlsplit

        return urlsplit(self.url).hostname or self.url

    @property
    def is_encrypted(self) -> bool:
        return self.url.startswith("https://")


def parse_address(text: str) -> ServerAddress:
    """Parse ``text``; empty means the default address.

    Accepts URLs and the forms of OLLAMA_HOST: a host without scheme or port, ``:1234``, ``[::1]``,
    ``0.0.0.0``. Without a scheme the port is Ollama's 11434. Raises ConfigError for a user name or
    password, a scheme other than http or https, and anything that is not a host.
    """
    text = text.strip() or DEFAULT_URL
    if "@" in text:
        raise ConfigError(
            "The server address cannot be used.",
            why="It holds a user name or a password.",
            advice="Leave it out; a key belongs in OLLAMA_API_KEY.",
        )
    if any(not " " < character <= "~" for character in text):
        raise _refused(ascii(text), "It holds blanks or characters outside ASCII.")
    scheme, authority, path = _split(text)
    host, port = _host_and_port(authority, text)
    if not scheme:
        scheme = "https" if host == CLOUD_HOST else "http"
        if port is None and host != CLOUD_HOST:
            port = _OLLAMA_PORT
    path, notices = _without_api(path.rstrip("/"), text)
    host, more_notices = _connectable(host)
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        netloc += f":{port}"
    return ServerAddress(
        url=f"{scheme}://{netloc}{path}",
        is_loopback=_is_loopback(host),
        is_cloud=host == CLOUD_HOST,
        notices=notices + more_notices,
    )


def _refused(shown: str, why: str) -> ConfigError:
    return ConfigError(f"The server address {shown} cannot be used.", why=why, advice=_ADVICE)


def _split(text: str) -> tuple[str, str, str]:
    """Scheme (may be empty), authority and path."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    scheme = scheme.lower()
    if separator and scheme not in ("http", "https"):
        raise _refused(text, "Only http and https are spoken.")
    if "?" in rest or "#" in rest or "\\" in rest:
        raise _refused(text, "It holds more than a host, a port and a path.")
    authority, slash, path = rest.partition("/")
    path = re.sub("/{2,}", "/", slash + path)
    if not _PATH.fullmatch(path.rstrip("/")) or "/." in path:
        raise _refused(text, "Its path is not a plain one.")
    return scheme, authority, path


def _host_and_port(authority: str, text: str) -> tuple[str, int | None]:
    if authority.startswith("["):
        host, bracket, port = authority[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise _refused(text, "Its brackets do not hold an IPv6 address.")
        return _ipv6(host, text), _port(port[1:], text)
    if authority.count(":") > 1:
        return _ipv6(authority, text), None
    host, _, port = authority.lower().partition(":")
    host = host.removesuffix(".") or ("localhost" if port else "")
    if _ENDS_IN_NUMBER.search(host):
        return _ipv4(host, text), _port(port, text)
    if not _HOST.fullmatch(host):
        raise _refused(text, f"{host!r} is not the name of a host." if host else "It has no host.")
    return host, _port(port, text)


def _ipv4(host: str, text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        why = f"{host} is not an IPv4 address of four numbers."
        raise _refused(text, why) from None


def _ipv6(host: str, text: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        raise _refused(
            text, f"{host} is neither a host with one port nor an IPv6 address."
        ) from None
    if address.scope_id:
        raise _refused(text, "An IPv6 address with a zone cannot be used.")
    return str(address)


def _port(port: str, text: str) -> int | None:
    if not port:
        return None
    if not port.isdigit() or not 0 < int(port) < 65_536:
        raise _refused(text, f"{port} is not a port between 1 and 65535.")
    return int(port)


def _without_api(path: str, text: str) -> tuple[str, tuple[str, ...]]:
    """``path`` without a trailing API path such as ``/api/chat``, which this program adds itself."""
    kept = path
    while match := _API_SUFFIX.search(kept):
        kept = kept[: match.start()]
    if kept == path:
        return path, ()
    dropped = path[len(kept) :]
    if dropped.startswith("/v1"):
        why = "that is the OpenAI-compatible interface; Ollama's own one is used"
    else:
        why = "the paths of the API are added to the root of the server"
    return kept, (f"{dropped} is left out of the address {text}: {why}.",)


def _connectable(host: str) -> tuple[str, tuple[str, ...]]:
    """The loopback address in place of "all addresses", which only a server can use."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host)  # noqa: S104 - nothing is bound here
    if loopback is None:
        return host, ()
    return loopback, (f"{host} means all addresses of a machine: {loopback} is connected to.",)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
