"""The store of what is allowed for always: private, by workspace, believed only in its own form."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from vtcode_tui.config.grant_store import GrantStore, StoredGrant
from vtcode_tui.errors import ConfigError

HERE, THERE = Path("/work/here"), Path("/work/there")
GRANT = StoredGrant("k1", "run_terminal_cmd make test", "2026-01-02")
OTHER = StoredGrant("k2", "run_terminal_cmd make", "2026-01-02")


@pytest.fixture
def store(tmp_path: Path) -> GrantStore:
    return GrantStore(tmp_path / "state")


def test_a_grant_holds_in_its_workspace_until_it_is_taken_back(store: GrantStore) -> None:
    assert store.grants_of(HERE) == ()
    for grant in (GRANT, OTHER, GRANT):
        store.add(HERE, grant)
    assert set(store.grants_of(HERE)) == {GRANT, OTHER}
    assert store.grants_of(THERE) == ()
    store.remove(HERE, GRANT.key)
    assert GrantStore(store.path.parent).grants_of(HERE) == (OTHER,)


def test_taking_back_where_nothing_was_granted_makes_no_file(store: GrantStore) -> None:
    store.remove(HERE, "k1")
    assert not store.path.exists()


def test_the_file_is_the_users_alone(store: GrantStore) -> None:
    store.add(HERE, GRANT)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    store.path.chmod(0o666)
    with pytest.raises(ConfigError):
        store.grants_of(HERE)


@pytest.mark.parametrize(
    "entry",
    [
        "k1",
        None,
        {"key": "k1", "granted_on": "2026-01-02"},
        {"key": "k1", "text": " ", "granted_on": "2026-01-02"},
        {"key": "", "text": "make", "granted_on": "2026-01-02"},
        {"key": 1, "text": "make", "granted_on": "2026-01-02"},
    ],
)
def test_an_entry_of_another_form_or_without_a_text_grants_nothing(
    store: GrantStore, entry: object
) -> None:
    store.add(HERE, GRANT)
    content = json.loads(store.path.read_text())
    content["workspaces"][str(HERE)] = [entry]
    store.path.write_text(json.dumps(content))
    assert store.grants_of(HERE) == ()
