"""Calls that the user always allows in this workspace: the store on disk and the grants in force."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path

from vtcode_tui.config.grant_store import GrantStore, StoredGrant
from vtcode_tui.config.launch import Launch
from vtcode_tui.errors import ConfigError
from vtcode_tui.tools.base import PreparedCall, grant_key

ALWAYS_SCOPE = "this exact call, in this project"


class AlwaysGrants:
    """The grants of one workspace. ``trouble`` says why no stored grant applies, or is empty."""

    def __init__(
        self, store: GrantStore, workspace: Path, today: Callable[[], datetime.date]
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._today = today
        self._by_key: dict[str, StoredGrant] = {}
        self.trouble = ""

    def load(self) -> None:
        """Read the store. Blocking. If it cannot be trusted, no grant applies."""
        try:
            grants = self._store.grants_of(self._workspace)
        except ConfigError as error:
            self.trouble = str(error)
            return
        self._by_key = {grant.key: grant for grant in grants}

    @property
    def grants(self) -> tuple[StoredGrant, ...]:
        return tuple(self._by_key.values())

    def covers(self, prepared: PreparedCall) -> bool:
        return bool(self._by_key) and always_key(prepared) in self._by_key

    async def add(self, prepared: PreparedCall) -> None:
        """Store a grant for the call. Raises ConfigError, and then the grant does not apply."""
        text = f"{prepared.call.name} {prepared.subject}".strip()
        grant = StoredGrant(always_key(prepared), text, self._today().isoformat())
        await asyncio.to_thread(self._store.add, self._workspace, grant)
        self._by_key[grant.key] = grant

    async def take_back(self, key: str) -> None:
        """Revoke a grant. Raises ConfigError if the store still holds it."""
        self._by_key.pop(key, None)
        await asyncio.to_thread(self._store.remove, self._workspace, key)


def open_always_grants(launch: Launch) -> AlwaysGrants:
    """Load the stored grants of the workspace. Blocking, never raises."""
    grants = AlwaysGrants(GrantStore(launch.state_dir), launch.workspace, launch.today)
    grants.load()
    return grants


def may_be_always(prepared: PreparedCall) -> bool:
    """Whether the call may be granted for always: no built-in rule asks about it, and its subject
    can be shown in a list of grants."""
    return prepared.may_grant and not prepared.caution and bool(prepared.subject.strip())


def always_key(prepared: PreparedCall) -> str:
    """A digest that is equal for equal calls in the same sandbox; in another sandbox the user is
    asked again."""
    parts = (prepared.grant_key, prepared.call.canonical_arguments(), prepared.sandbox)
    key = grant_key(prepared.call.name, prepared.cwd, *parts)
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
