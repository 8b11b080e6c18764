"""Grants for always: exact calls per workspace, stored in the user's state directory."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from vtcode_tui.config.private_store import Content, PrivateStore
from vtcode_tui.lazy_dataclass import dataclass

STORE_NAME = "grants.json"

_SECTION = "workspaces"


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """``key`` identifies one exact call; ``text`` is its description for the user; ``granted_on``
    is a date in ISO 8601."""

    key: str
    text: str
    granted_on: str


class GrantStore:
    """``grants.json`` in ``state_dir``. Other sections of the file are kept. Blocks."""

    def __init__(self, state_dir: Path) -> None:
        self._file = PrivateStore(state_dir / STORE_NAME)

    @property
    def path(self) -> Path:
        return self._file.path

    def grants_of(self, workspace: Path) -> tuple[StoredGrant, ...]:
        """The grants for ``workspace``. Raises ConfigError if the store cannot be trusted.

        Malformed entries, or ones without a description, grant nothing.
        """
        entries = _entries(self._file.read(), workspace)
        return tuple(grant for grant in map(_grant, entries) if grant is not None)

    def add(self, workspace: Path, grant: StoredGrant) -> None:
        """Store ``grant``, replacing one with the same key. Raises ConfigError."""
        self._replace(workspace, grant.key, [asdict(grant)])

    def remove(self, workspace: Path, key: str) -> None:
        """Remove the grant, if it exists. Raises ConfigError."""
        if self._file.path.exists():
            self._replace(workspace, key, [])

    def _replace(self, workspace: Path, key: str, added: list[object]) -> None:
        def change(content: Content) -> None:
            kept = [
                entry
                for entry in _entries(content, workspace)
                if not (isinstance(entry, dict) and entry.get("key") == key)
            ]
            section = content.get(_SECTION)
            others = section if isinstance(section, dict) else {}
            content[_SECTION] = {**others, str(workspace): [*kept, *added]}

        self._file.update(change)


def _entries(content: Content, workspace: Path) -> list[object]:
    section = content.get(_SECTION)
    entries = section.get(str(workspace)) if isinstance(section, dict) else None
    return entries if isinstance(entries, list) else []


def _grant(entry: object) -> StoredGrant | None:
    if not isinstance(entry, dict):
        return None
    key, text, granted_on = (entry.get(name) for name in ("key", "text", "granted_on"))
    if not (isinstance(key, str) and isinstance(text, str) and isinstance(granted_on, str)):
        return None
    return StoredGrant(key, text, granted_on) if key and text.strip() else None
