"""Chooses the API key for an address: the one that was set for its origin, or none. Pure."""

from __future__ import annotations

from vtcode_tui.config.bound_keys import BoundKey
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.config.trust_words import same_origin
from vtcode_tui.errors import ConfigError
from vtcode_tui.ollama.address import ServerAddress, parse_address


def key_for(address: ServerAddress, loaded: LoadedConfig) -> SecretStr | None:
    """The key that was set for the scheme, host and port of ``address``."""
    key = next((key for key in loaded.keys if _is_for(key, address)), None)
    return key.secret if key is not None else None


def checked_key(
    address: ServerAddress, loaded: LoadedConfig, *, allows_insecure_http: bool
) -> SecretStr | None:
    """``key_for``, but raises ConfigError if the key would cross the network unencrypted."""
    key = key_for(address, loaded)
    if key is None or address.is_loopback or address.is_encrypted or allows_insecure_http:
        return key
    raise ConfigError(
        f"The API key would go to {address.url} unencrypted.",
        why="Plain http lets anyone on the way read it.",
        advice="Use an https address; or unset the key for this run: env -u OLLAMA_API_KEY vtcode-tui\n"
        "If you trust the network: vtcode-tui --insecure-http",
    )


def key_notices(address: ServerAddress, loaded: LoadedConfig) -> tuple[str, ...]:
    """A notice that a configured key is not sent to ``address``, where that may be unexpected."""
    set_keys = [key for key in loaded.keys if key.secret is not None]
    if not set_keys or address.is_loopback or key_for(address, loaded) is not None:
        return ()
    place = set_keys[0].place
    what = f"{place.name} is kept for {place.base_url} and not sent to {address.url}."
    return (f"{what} If it belongs there: export OLLAMA_BASE_URL={address.url}",)


def read_address(text: str) -> str:
    """The address that is connected to for ``text``. Raises ValueError, which says why not."""
    try:
        return parse_address(text).url
    except ConfigError as error:
        raise ValueError(error.why) from None


def _is_for(key: BoundKey, address: ServerAddress) -> bool:
    if key.secret is None:
        return False
    try:
        return same_origin(read_address(key.place.base_url), address.url)
    except ValueError:
        return False
