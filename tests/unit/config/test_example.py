"""vtcode.toml.example: it loads, and it has every key of the schema and no other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from vtcode_tui.config.keys import key_table, nested
from vtcode_tui.config.load import load_config
from vtcode_tui.config.policies import KNOWN_TOOLS
from vtcode_tui.config.schema import Settings

EXAMPLE = Path(__file__).parents[3] / "vtcode.toml.example"
TEXT = EXAMPLE.read_text(encoding="utf-8")
UNCOMMENTED = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", TEXT)


def leaves(table: dict[str, object], prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, value in table.items():
        path = (*prefix, name)
        found |= leaves(value, path) if isinstance(value, dict) else {path}
    return found


def schema_leaves() -> set[tuple[str, ...]]:
    keys = key_table().keys.values()
    policies = {("tools", "policies", name) for name in KNOWN_TOOLS}
    some_keys = {("ui", "keys", name) for name in ("pick_model", "toggle_thinking")}
    return {key.path for key in keys if not key.is_mapping} | policies | some_keys


def load(tmp_path: Path, text: str) -> tuple[Settings, tuple[str, ...]]:
    (tmp_path / "vtcode.toml").write_text(text, encoding="utf-8")
    loaded = load_config(
        cli={},
        environ={},
        workspace=tmp_path / "project",
        user_config_dir=tmp_path,
    )
    return loaded.settings, loaded.warnings


def test_the_example_loads_as_it_is_and_changes_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, TEXT) == (Settings(), ())


def test_the_example_with_all_keys_taken_in_loads_without_a_warning(tmp_path: Path) -> None:
    settings, warnings = load(tmp_path, UNCOMMENTED)
    assert warnings == ()
    assert settings.agent.default_model == "llama3:8b"


def test_the_example_has_every_key_of_the_schema_and_no_other() -> None:
    assert leaves(tomllib.loads(UNCOMMENTED)) == schema_leaves()


def test_each_key_is_explained_by_the_one_line_of_the_schema_above_it() -> None:
    lines = TEXT.splitlines()
    for key in key_table().keys.values():
        where = lines.index(f"# {key.explanation}")
        below = lines[where + 1]
        expected = f"[{'.'.join(key.path)}]" if key.is_mapping else f"# {key.path[-1]} = "
        assert below.startswith(expected), key.path


def test_the_example_shows_the_defaults_where_there_are_any() -> None:
    values = tomllib.loads(UNCOMMENTED)
    for key in key_table().keys.values():
        if key.default is not None:
            node: object = values
            for name in key.path:
                assert isinstance(node, dict)
                node = node[name]
            assert node == key.default


def test_nested_is_the_reverse_of_leaves() -> None:
    values: dict[tuple[str, ...], object] = dict.fromkeys(schema_leaves(), 1)
    assert leaves(nested(values)) == schema_leaves()
