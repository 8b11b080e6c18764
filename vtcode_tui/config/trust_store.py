"""The user's approvals, one per workspace, in the state directory."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from vtcode_tui.config.private_store import Content, PrivateStore
from vtcode_tui.config.trust import Approval, TrustQuestion

STORE_NAME = "trust.json"

_SECTION = "workspaces"


class TrustStore:
    """``trust.json`` in ``state_dir``. Other sections of the file are kept. Blocks."""

    def __init__(self, state_dir: Path) -> None:
        self._file = PrivateStore(state_dir / STORE_NAME)

    @property
    def path(self) -> Path:
        return self._file.path

    def approval_of(self, workspace: Path) -> Approval | None:
        """The approval for ``workspace``. Raises ConfigError if the store cannot be trusted."""
        return _approval(_section(self._file.read()).get(str(workspace)))

    def approve(self, question: TrustQuestion, today: datetime.date) -> None:
        """Store that the user approved exactly ``question``, replacing the last approval.

        Raises ConfigError.
        """
        entry = {
            "digest": question.digest,
            "approved_on": today.isoformat(),
            "values": question.values,
        }

        def change(content: Content) -> None:
            content[_SECTION] = {**_section(content), str(question.workspace): entry}

        self._file.update(change)

    def forget(self, workspace: Path) -> bool:
        """Remove the approval; return whether there was one. Raises ConfigError."""
        if str(workspace) not in _section(self._file.read()):
            return False

        def change(content: Content) -> None:
            kept = _section(content)
            content[_SECTION] = {name: kept[name] for name in kept if name != str(workspace)}

        self._file.update(change)
        return True


def _section(content: Content) -> Mapping[str, object]:
    section = content.get(_SECTION)
    return section if isinstance(section, dict) else {}


def _approval(entry: object) -> Approval | None:
    """The approval in an entry; a malformed entry approves nothing."""
    if not isinstance(entry, dict):
        return None
    digest, values, approved_on = (entry.get(name) for name in ("digest", "values", "approved_on"))
    if not (isinstance(digest, str) and isinstance(values, dict) and isinstance(approved_on, str)):
        return None
    if not all(isinstance(each, str) for pair in values.items() for each in pair):
        return None
    return Approval(digest, values, approved_on)
