"""API keys out of the configuration: which one counts, and that none is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.config_place import CANARY, Place
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.errors import ConfigError


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("workspace", "config"):
        (tmp_path / name).mkdir()
    return Place(tmp_path / "workspace" / "vtcode.toml", tmp_path / "config" / "vtcode.toml")


# Secrets


def key_of(loaded: LoadedConfig) -> str | None:
    key = loaded.settings.providers.ollama.api_key
    return None if key is None else key.get_secret_value()


def api_key(value: str) -> str:
    return f'[providers.ollama]\napi_key = "{value}"'


@pytest.mark.parametrize("environ", [{}, {"OLLAMA_API_KEY": ""}, {"OLLAMA_API_KEY": "  "}])
@pytest.mark.parametrize("kind", ["project", "user"])
def test_an_unset_variable_is_no_key(place: Place, kind: str, environ: dict[str, str]) -> None:
    loaded = place.load_one(kind, api_key("${OLLAMA_API_KEY}"), environ)
    assert key_of(loaded) is None
    where = loaded.origins["providers.ollama.api_key"].describe()
    assert where.endswith(", line 2: the variable OLLAMA_API_KEY is not set")


def test_a_key_from_elsewhere_counts_where_a_file_names_a_variable_that_is_not_set(
    place: Place,
) -> None:
    loaded = place.load(user=api_key(CANARY), project=api_key("${OLLAMA_API_KEY}"))
    assert loaded.origins["providers.ollama.api_key"].path == place.user
    loaded = place.load(user=api_key("${MY_KEY}"), environ={"OLLAMA_API_KEY": CANARY})
    assert loaded.origins["providers.ollama.api_key"].layer == "environment"


def test_the_users_file_may_name_any_variable(place: Place) -> None:
    assert key_of(place.load(user=api_key("${MY_KEY}"), environ={"MY_KEY": CANARY})) == CANARY
    assert key_of(place.load(user=api_key("${MY_KEY}"))) is None


def test_a_project_may_name_no_other_variable(place: Place) -> None:
    error = place.error(project=api_key("${AWS_SECRET_ACCESS_KEY}"), environ={"AWS_SECRET_ACCESS_KEY": CANARY})  # fmt: skip
    assert f"{place.project}, line 2: providers.ollama.api_key" in error.what
    assert "AWS_SECRET_ACCESS_KEY" in error.what
    assert "${OLLAMA_API_KEY}" in error.why
    assert CANARY not in str(error)


@pytest.mark.parametrize(
    "value",
    [
        "$OLLAMA_API_KEY",
        "${OLLAMA_API_KEY",
        "x${OLLAMA_API_KEY}",
        "${OLLAMA_API_KEY}${OLLAMA_API_KEY}",
        "${OLLAMA_API_KEY:-x}",
        "${}",
        "${${OLLAMA_API_KEY}}",
    ],
)
@pytest.mark.parametrize("kind", ["project", "user"])
def test_what_looks_like_a_variable_is_never_taken_literally(
    place: Place, kind: str, value: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        place.load_one(kind, api_key(value), {"OLLAMA_API_KEY": CANARY})
    assert "line 2" in caught.value.what
    assert "${OLLAMA_API_KEY}" in caught.value.why


def test_the_environment_key_wins_over_a_literal_one(place: Place) -> None:
    loaded = place.load(user=api_key("literal"), environ={"OLLAMA_API_KEY": f" {CANARY}\n"})
    assert key_of(loaded) == CANARY


def test_a_blank_key_is_no_key(place: Place) -> None:
    assert key_of(place.load(user=api_key("  "))) is None


def test_the_key_never_shows(place: Place) -> None:
    texts = [
        repr(place.load(user=api_key(CANARY), project=f'[agent]\nx = "{CANARY}"')),
        repr(place.load(environ={"OLLAMA_API_KEY": CANARY})),
        str(place.error(user=api_key(f"{CANARY} with blanks"))),
        str(place.error(user=f'[providers.ollama]\napi_key = ["{CANARY}"]')),
        str(place.error(user=f'[providers.ollama]\napi_key = {{ x = "{CANARY}" }}')),
        str(place.error(environ={"OLLAMA_API_KEY": f"{CANARY}é"})),
        str(place.error(environ={"OLLAMA_API_KEY": f"{CANARY}\r\nX-Evil: 1"})),
        str(place.error(user=api_key(CANARY) + "\n[agent]\nprovider = 3")),
        str(place.error(user=api_key(CANARY), environ={"OLLAMA_API_KEY": f"{CANARY} {CANARY}"})),
    ]
    assert [text for text in texts if CANARY in text] == []
    assert "4711" not in str(place.error(user="[providers.ollama]\napi_key = 4711"))
