"""Which API key belongs to which address. Pure.

A key belongs to the origin that it was set for. The user's own key goes with the address from the
command line, OLLAMA_BASE_URL or the user's file; without one, with Ollama Cloud. OLLAMA_HOST says
where a server is, but grants it no key. A project's file can send a key only to the address that it
names itself, and only after the user approved that.
"""

from __future__ import annotations

from vtcode_tui.config.layers import VARIABLES, Layer
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.lazy_dataclass import dataclass

CLOUD_URL = "https://ollama.com"
FILE_KEY = "the key that stands in the file"
"""What a key is called that a project's file holds itself."""

_KEY_VARIABLE = "OLLAMA_API_KEY"
_KEY, _ADDRESS = VARIABLES[_KEY_VARIABLE], VARIABLES["OLLAMA_BASE_URL"]


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key may be sent: ``name`` is for display, ``base_url`` as the user wrote it."""

    name: str
    base_url: str


@dataclass(frozen=True, slots=True)
class BoundKey:
    """``secret`` may be sent to the origin of ``place`` only; it is None if its variable is not
    set."""

    place: KeyPlace
    secret: SecretStr | None


def bound_keys(
    *, user: Layer, project: Layer, environment: Layer, options: Layer
) -> tuple[BoundKey, ...]:
    """All keys; the first one that matches an address is used. ``project`` must be trusted."""
    own_url = _address(options) or _address(environment) or _address(user) or CLOUD_URL
    keys: list[BoundKey] = []
    if _KEY in environment.values:
        keys.append(BoundKey(KeyPlace(_KEY_VARIABLE, own_url), _secret(environment)))
    reference, url = project.references.get(_KEY), _address(project)
    # Naming the user's key without an address leaves it where the user set it for.
    if reference is not None and url:
        keys.append(BoundKey(KeyPlace(reference.variable, url), _secret(project)))
    elif reference is None and _KEY in project.values:
        keys.append(BoundKey(KeyPlace(FILE_KEY, url or CLOUD_URL), _secret(project)))
    if _KEY in user.references or _KEY in user.values:
        keys.append(BoundKey(KeyPlace(_own_name(user), _address(user) or own_url), _secret(user)))
    return tuple(keys)


def _own_name(user: Layer) -> str:
    reference = user.references.get(_KEY)
    return reference.variable if reference else f"the key in {user.origins[_KEY].describe()}"


def _address(layer: Layer) -> str:
    value = layer.values.get(_ADDRESS)
    return value if isinstance(value, str) else ""


def _secret(layer: Layer) -> SecretStr | None:
    value = layer.values.get(_KEY)
    return value if isinstance(value, SecretStr) else None
