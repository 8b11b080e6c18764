"""Loading: who wins, what is warned about, what is refused, and where each value is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.config_place import CANARY, Place
from vtcode_tui.config.load import load_config
from vtcode_tui.config.policies import effective_policy
from vtcode_tui.config.schema import Settings
from vtcode_tui.config.unknown import MAX_WARNINGS


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("workspace", "config"):
        (tmp_path / name).mkdir()
    return Place(tmp_path / "workspace" / "vtcode.toml", tmp_path / "config" / "vtcode.toml")


def test_without_anything_the_defaults_hold(place: Place) -> None:
    loaded = place.load()
    assert loaded.settings == Settings()
    assert loaded.warnings == ()
    assert {origin.describe() for origin in loaded.origins.values()} == {"the default"}


def test_the_file_of_the_guide_is_read_as_it_says(place: Place) -> None:
    loaded = place.load(
        project="""
[agent]
provider = "ollama"                    # Ollama provider
default_model = "llama3:8b"           # Any locally available model
# Note: API key only required when using Ollama Cloud

[tools]
default_policy = "prompt"             # Safety: "allow", "prompt", or "deny"

[tools.policies]
read_file = "allow"                   # Always allow file reading
write_file = "prompt"                 # Prompt before modifications
run_terminal_cmd = "prompt"           # Prompt before commands

[providers.ollama]
base_url = "https://ollama.com"
api_key = "${OLLAMA_API_KEY}"
""",
        environ={"OLLAMA_API_KEY": CANARY},
    )
    settings = loaded.settings
    assert (settings.agent.provider, settings.agent.default_model) == ("ollama", "llama3:8b")
    assert settings.providers.ollama.base_url == "https://ollama.com"
    assert settings.providers.ollama.api_key is not None
    assert settings.providers.ollama.api_key.get_secret_value() == CANARY
    assert effective_policy(settings.tools, "read_file", only_looks=True)[0] == "allow"
    assert effective_policy(settings.tools, "list_files", only_looks=True)[0] == "prompt"
    assert loaded.warnings == ()


LAYERS = ("fallback", "user", "project", "environment", "cli")


@pytest.mark.parametrize("count", range(1, len(LAYERS) + 1))
def test_each_layer_wins_over_all_below_it(place: Place, count: int) -> None:
    given = LAYERS[:count]
    environ = {"OLLAMA_HOST": "fallback", "OLLAMA_BASE_URL": "environment"}
    loaded = place.load(
        user='[providers.ollama]\nbase_url = "user"' if "user" in given else None,
        project='[providers.ollama]\nbase_url = "project"' if "project" in given else None,
        environ=environ if "environment" in given else {"OLLAMA_HOST": "fallback"},
        cli={"base_url": "cli" if "cli" in given else None},
    )
    assert loaded.settings.providers.ollama.base_url == LAYERS[count - 1]


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("variable", ["OLLAMA_BASE_URL", "OLLAMA_API_KEY", "OLLAMA_HOST"])
def test_a_blank_variable_counts_as_unset(place: Place, variable: str, blank: str) -> None:
    text = '[providers.ollama]\nbase_url = "http://file"\napi_key = "of-the-file"'
    loaded = place.load(user=text, environ={variable: blank})
    ollama = loaded.settings.providers.ollama
    assert ollama.base_url == "http://file"
    assert ollama.api_key is not None
    assert ollama.api_key.get_secret_value() == "of-the-file"


def test_blanks_and_quotes_around_ollama_host_are_dropped(place: Place) -> None:
    loaded = place.load(environ={"OLLAMA_HOST": ' "10.0.0.7:8080" '})
    assert loaded.settings.providers.ollama.base_url == "10.0.0.7:8080"
    origin = loaded.origins["providers.ollama.base_url"]
    assert origin.describe() == "the environment variable OLLAMA_HOST"


def test_each_option_sets_its_key(place: Place) -> None:
    loaded = place.load(
        cli={
            "provider": "ollama",
            "model": "mistral:7b",
            "base_url": "https://ollama.com",
            "effort": "high",
            "theme": "nord",
        }
    )
    settings = loaded.settings
    assert settings.agent.default_model == "mistral:7b"
    assert settings.agent.reasoning_effort == "high"
    assert settings.providers.ollama.base_url == "https://ollama.com"
    assert settings.ui.theme == "nord"
    assert loaded.origins["agent.default_model"].describe() == "the option --model"


def test_policies_of_both_files_are_put_together_key_by_key(place: Place) -> None:
    loaded = place.load(
        user='[tools.policies]\nread_file = "deny"\nwrite_file = "allow"',
        project='[tools.policies]\nread_file = "prompt"',
    )
    assert loaded.settings.tools.policies == {"read_file": "prompt", "write_file": "allow"}
    origins = loaded.origins
    assert origins["tools.policies.read_file"].describe() == f"{place.project}, line 2"
    assert origins["tools.policies.write_file"].describe() == f"{place.user}, line 3"


def test_origins_name_layer_file_and_line(place: Place) -> None:
    loaded = place.load(
        user='\n[ui]\ntheme = "nord"\n',
        project='[agent]\n\ndefault_model = """\\\nx"""\n',
        environ={"OLLAMA_API_KEY": "k"},
    )
    model, theme = loaded.origins["agent.default_model"], loaded.origins["ui.theme"]
    assert (model.layer, model.path, model.line) == ("project", place.project, 3)
    assert (theme.layer, theme.path, theme.line) == ("user", place.user, 3)
    key = loaded.origins["providers.ollama.api_key"]
    assert (key.layer, key.path, key.line) == ("environment", None, None)


def test_a_workspace_that_is_the_users_directory_has_one_file(place: Place) -> None:
    place.user.write_text('[providers.ollama]\napi_key = "${MY_KEY}"')
    loaded = load_config(
        cli={},
        environ={"MY_KEY": "k"},
        workspace=place.user.parent,
        user_config_dir=place.user.parent,
    )
    assert [file.kind for file in loaded.files] == ["user"]
    assert loaded.origins["providers.ollama.api_key"].layer == "user"


# Unknown keys


@pytest.mark.parametrize(
    ("text", "line", "key", "nearest"),
    [
        ('[agent]\ndefualt_model = "x"', 2, "agent.defualt_model", "agent.default_model"),
        (
            '[agent]\n\nreasoning-effort = "low"',
            3,
            "agent.reasoning-effort",
            "agent.reasoning_effort",
        ),
        ("[tols]\nx = 1", 1, "tols", "tools"),
        ('default_model = "x"', 1, "default_model", "agent.default_model"),
        ('[ollama]\nbase_url = "x"', 1, "ollama", "providers.ollama"),
        ('[agent]\nbase_url = "x"', 2, "agent.base_url", "providers.ollama.base_url"),
        (
            '[providers.ollama]\napikey = "x"',
            2,
            "providers.ollama.apikey",
            "providers.ollama.api_key",
        ),
        ("providers = { olama = {} }", 1, "providers.olama", "providers.ollama"),
        (
            'x = """\n[agent]\n"""\nagent.defaultmodel = 1',
            4,
            "agent.defaultmodel",
            "agent.default_model",
        ),
    ],
)
def test_an_unknown_key_is_warned_about_with_file_line_and_nearest_key(
    place: Place, text: str, line: int, key: str, nearest: str
) -> None:
    loaded = place.load(project=text)
    assert (
        f"{place.project}, line {line}: unknown key {key} is ignored; did you mean {nearest}?"
        in loaded.warnings
    )
    assert loaded.settings == Settings()


def test_an_unknown_key_far_from_all_others_is_told_what_there_is(place: Place) -> None:
    (warning,) = place.load(user="[ui]\nxyzzy = 1").warnings
    beginning = f"{place.user}, line 2: unknown key ui.xyzzy is ignored; [ui] knows ui.theme"
    assert warning.startswith(beginning)


def test_an_unknown_table_is_one_warning_however_deep_it_is(place: Place) -> None:
    (warning,) = place.load(project="[mcp.servers.one.two]\na.b = 1\n[mcp.other]\nc = 1").warnings
    assert "unknown key mcp " in warning


def test_many_unknown_keys_do_not_flood(place: Place) -> None:
    warnings = place.load(project="".join(f"key{number} = 1\n" for number in range(1000))).warnings
    assert len(warnings) == MAX_WARNINGS + 1
    assert str(1000 - MAX_WARNINGS) in warnings[-1]


def test_a_policy_for_an_unknown_tool_is_warned_about(place: Place) -> None:
    loaded = place.load(project='[tools.policies]\nwrite_flie = "deny"\nrm = "deny"')
    first, second = loaded.warnings
    assert first.startswith(f"{place.project}, line 2: ")
    assert "write_flie; did you mean write_file?" in first
    assert "rm; the tools are read_file, " in second
    assert loaded.settings.tools.policies == {"write_flie": "deny", "rm": "deny"}


# Wrong values


@pytest.mark.parametrize(
    ("text", "line", "key", "allowed"),
    [
        ('[agent]\nprovider = "openai"', 2, "agent.provider", '"ollama"'),
        ("[agent]\nreasoning_effort = true", 2, "agent.reasoning_effort", '"none", "low", "medium", "high", "max"'),
        ('[agent]\nreasoning_effort = "High"', 2, "agent.reasoning_effort", '"high"'),
        ('[agent]\ntext_tools = "yes"', 2, "agent.text_tools", '"auto", "on", "off"'),
        ("[agent]\ntext_tools = true", 2, "agent.text_tools", '"auto", "on", "off"'),
        ('[agent]\ndefault_model = ""', 2, "agent.default_model", "name of a model"),
        ('[agent]\ndefault_model = "a\\u0000b"', 2, "agent.default_model", "control"),
        ("[agent]\ndefault_model = 3", 2, "agent.default_model", "name of a model"),
        ('\n[tools]\ndefault_policy = "ask"', 3, "tools.default_policy", '"allow", "prompt", "deny"'),
        ("[tools]\ndefault_policy = ['deny']", 2, "tools.default_policy", '"deny"'),
        ('[tools.policies]\nread_file = "yes"', 2, "tools.policies.read_file", '"allow", "prompt", "deny"'),
        ('[tools.policies]\n"odd name" = "yes"', 2, 'tools.policies."odd name"', '"allow"'),
        ('[tools]\npolicies = "allow"', 2, "tools.policies", "a table"),
        ("[tools]\ncommand_timeout_s = 0", 2, "tools.command_timeout_s", "from 1 to 3600"),
        ("[tools]\ncommand_timeout_s = 3601", 2, "tools.command_timeout_s", "from 1 to 3600"),
        ('[tools]\ncommand_timeout_s = "120"', 2, "tools.command_timeout_s", "whole number"),
        ("[tools]\ncommand_timeout_s = 1.5", 2, "tools.command_timeout_s", "whole number"),
        ("[tools]\ncommand_timeout_s = true", 2, "tools.command_timeout_s", "whole number"),
        ('[providers.ollama]\nbase_url = ""', 2, "providers.ollama.base_url", "http://localhost:11434"),
        ('[providers.ollama]\nbase_url = "${OLLAMA_BASE_URL}"', 2, "providers.ollama.base_url", "OLLAMA_BASE_URL"),
        ('[providers.ollama]\nkeep_alive = "5 minutes"', 2, "providers.ollama.keep_alive", '"5m"'),
        ("[providers.ollama]\nkeep_alive = 1979-05-27", 2, "providers.ollama.keep_alive", '"5m"'),
        ('[ui]\ntheme = " "', 2, "ui.theme", "a name"),
        ("agent = 3", 1, "agent", "a table"),
        ("[[agent]]\nprovider = 'ollama'", 1, "agent", "[agent]"),
        ("[providers]\n\nollama = true", 3, "providers.ollama", "a table"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["project", "user"])
def test_a_wrong_value_is_refused_with_file_line_key_and_what_is_allowed(
    place: Place, kind: str, text: str, line: int, key: str, allowed: str
) -> None:
    error = place.error(project=text) if kind == "project" else place.error(user=text)
    path = place.project if kind == "project" else place.user
    assert error.what.startswith(f"{path}, line {line}: {key} cannot be ")
    assert error.why.startswith("Allowed: ")
    assert allowed in error.why


def test_a_wrong_value_is_found_where_a_higher_layer_hides_it(place: Place) -> None:
    error = place.error(
        user='[agent]\nreasoning_effort = "hihg"',
        project='[agent]\nreasoning_effort = "low"',
        cli={"effort": "low"},
    )
    assert f"{place.user}, line 2" in error.what
    assert error.advice == 'Write: reasoning_effort = "high"'


def test_all_wrong_values_of_a_file_are_told_at_once(place: Place) -> None:
    error = place.error(project='[agent]\nprovider = "x"\n[tools]\ndefault_policy = "y"\n')
    assert "line 2: agent.provider" in error.what
    assert "line 4: tools.default_policy" in error.why


@pytest.mark.parametrize(
    ("option", "value", "what", "advice"),
    [
        (
            "provider",
            "openai",
            'The option --provider cannot be "openai".',
            "Try: --provider ollama",
        ),
        ("effort", "hgih", 'The option --effort cannot be "hgih".', "Try: --effort high"),
        ("model", "", 'The option --model cannot be "".', "--model"),
        ("base_url", "a b", 'The option --base-url cannot be "a b".', "--base-url"),
        ("theme", "", 'The option --theme cannot be "".', "--theme"),
    ],
)
def test_a_wrong_option_is_refused_by_its_name(
    place: Place, option: str, value: str, what: str, advice: str
) -> None:
    error = place.error(cli={option: value})
    assert error.what == what
    assert advice in error.advice


def test_a_wrong_variable_is_refused_by_its_name(place: Place) -> None:
    error = place.error(environ={"OLLAMA_BASE_URL": "http://a b"})
    assert error.what == 'The environment variable OLLAMA_BASE_URL cannot be "http://a b".'


@pytest.mark.parametrize(
    "model",
    ["llama3:8b", "deepseek-coder:6.7b", "hf.co/a/b:Q4_K_M", "qwen3-coder:480b-cloud", "模型", " x ", "$x", "a" * 500],
)  # fmt: skip
def test_any_model_id_is_taken_verbatim(place: Place, model: str) -> None:
    loaded = place.load(project=f'[agent]\ndefault_model = "{model}"')
    assert loaded.settings.agent.default_model == model
    assert place.load(cli={"model": model}).settings.agent.default_model == model


@pytest.mark.parametrize("value", ["5m", "1h30m", "0", "-1m", "1.5h", "300s", "100ms"])
def test_a_duration_is_taken_verbatim(place: Place, value: str) -> None:
    loaded = place.load(project=f'[providers.ollama]\nkeep_alive = "{value}"')
    assert loaded.settings.providers.ollama.keep_alive == value
