"""The plain check at start-up and pydantic-settings take the same values and give the same result."""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtcode_tui.config.keys import KeyPath, build_settings, key_table, nested
from vtcode_tui.config.layers import Layer, Origin
from vtcode_tui.config.secret import SecretStr
from vtcode_tui.config.validation import resolve
from vtcode_tui.errors import ConfigError

TABLE = key_table()
PATHS = [
    *(key.path for key in TABLE.keys.values() if not key.is_mapping),
    ("tools", "policies", "read_file"),
    ("tools", "policies", "odd name"),
]
GOOD: dict[KeyPath, st.SearchStrategy[object]] = {
    path: st.sampled_from(key.kind.choices)
    for path in PATHS
    if (key := TABLE.key_of(path)) is not None and key.kind.choices
}
GOOD |= {
    ("agent", "default_model"): st.sampled_from(["llama3:8b", "x", "模型"]),
    ("agent", "compact_at"): st.integers(30, 95),
    ("tools", "command_timeout_s"): st.integers(1, 3600),
    ("tools", "max_tool_loops"): st.integers(1, 1000),
    ("commands", "allow_list"): st.lists(st.sampled_from(["ls", "git log -1"])),
    ("commands", "deny_list"): st.lists(st.sampled_from(["rm", "git push"])),
    ("commands", "pass_env"): st.lists(st.sampled_from(["RUST_LOG", "DATABASE_URL"])),
    ("sandbox", "network"): st.booleans(),
    ("providers", "ollama", "base_url"): st.sampled_from(["localhost", "https://ollama.com"]),
    ("providers", "ollama", "api_key"): st.sampled_from([SecretStr("a"), SecretStr("b")]),
    ("providers", "ollama", "keep_alive"): st.sampled_from(["5m", "0", "-1m"]),
    ("providers", "ollama", "num_ctx"): st.integers(512, 1_048_576),
    ("ui", "theme"): st.sampled_from(["nord", "textual-dark"]),
    ("ui", "ascii"): st.booleans(),
    ("ui", "motion"): st.booleans(),
    ("ui", "copy_on_select"): st.booleans(),
}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 4000),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["ollama", "none", "allow", "5m", "120", b"allow"]),
    st.builds(SecretStr, st.text(max_size=3)),
    st.lists(st.one_of(st.integers(), st.text(max_size=2)), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.dates(),
)


def layer_of(values: Mapping[KeyPath, object]) -> Layer:
    return Layer(values, {path: Origin("user") for path in values})


def test_every_key_of_the_schema_is_tried() -> None:
    assert set(GOOD) == set(PATHS)


@settings(deadline=None, max_examples=300)
@given(path=st.sampled_from(PATHS), value=ANYTHING)
def test_both_checks_take_and_refuse_the_same_values(path: KeyPath, value: object) -> None:
    layer = layer_of({path: value})
    if TABLE.accepts(path, value):
        assert resolve([layer]) == build_settings(nested(layer.values))
    elif value is not None:  # TOML has no null: None cannot come from a file
        with pytest.raises(ConfigError):
            resolve([layer])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.fixed_dictionaries({}, optional=GOOD), max_size=4))
def test_both_put_layers_together_in_the_same_way(layers: list[dict[KeyPath, object]]) -> None:
    merged: dict[KeyPath, object] = {}
    for values in layers:
        assert all(TABLE.accepts(path, value) for path, value in values.items())
        merged.update(values)
    assert resolve([layer_of(values) for values in layers]) == build_settings(nested(merged))


def test_the_environment_of_the_process_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AGENT", "agent", "AGENT__DEFAULT_MODEL", "UI"):
        monkeypatch.setitem(os.environ, name, '{"default_model": "x", "theme": "x"}')
    assert resolve([]) == build_settings({})


@pytest.mark.parametrize("name", ["RUST_LOG", "DATABASE_URL", "KEYBOARD", "TOKENIZERS_PARALLELISM",
    "http_proxy", "_", "NODE_ENV", "PYTHONUNBUFFERED", "GITHUB_ACTIONS", "TERMINFO", "CI", "MAX_TOKENS",
    "GOFLAGS", "RUSTFLAGS"])  # fmt: skip
def test_a_variable_that_only_tells_something_can_be_passed(name: str) -> None:
    assert TABLE.accepts(("commands", "pass_env"), [name])


@pytest.mark.parametrize("name", [
    "OLLAMA_API_KEY", "GITHUB_TOKEN", "client_secret", "DB_PASSWORD", "DB_PASSWORD_FILE", "MYSQL_PASSWD",
    "DB_PASS", "MYSQL_PWD", "SECRET_KEY_BASE", "OPENAI_API_KEY_2", "SSHPASS", "NPM_CONFIG__AUTH", "GITHUB_PAT", "GPG_PASSPHRASE",
    "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AZURE_TENANT", "GOOGLE_APPLICATION_CREDENTIALS", "SSH_AUTH_SOCK",
    "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "GIT_SSH_COMMAND", "BASH_ENV", "ENV", "BASH_FUNC_ls", "BASHOPTS",
    "PROMPT_COMMAND", "SHELLOPTS", "PATH", "path", "SHELL", "PAGER", "IFS", "PS4", "PYTHONPATH", "PYTHONSTARTUP",
    "NODE_OPTIONS", "NODE_PATH", "PERL5OPT", "PERL5LIB", "RUBYOPT", "RUBYLIB", "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS", "RIPGREP_CONFIG_PATH", "GCONV_PATH", "ZDOTDIR", "LESSOPEN", "SSH_ASKPASS", "LUA_INIT_5_4", "", " ", "A B", "A=B", "1A", "A\n", "BASH_FUNC_ls%%",
])  # fmt: skip
def test_a_variable_that_holds_a_secret_or_runs_something_is_never_passed(name: str) -> None:
    assert not TABLE.accepts(("commands", "pass_env"), [name])
