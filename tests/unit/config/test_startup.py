"""What loading a configuration costs: a sound one needs nothing but the standard library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
from vtcode_tui.config.load import load_config
from vtcode_tui.errors import ConfigError
from vtcode_tui.config.policies import effective_policy
from vtcode_tui.config.paths import user_config_dir
place = Path(sys.argv[1])
try:
    load_config(cli={"model": "x"}, environ={"OLLAMA_BASE_URL": "y"}, workspace=place,
                user_config_dir=place / "config")
except ConfigError as error:
    print("refused")
heavy = {"pydantic", "pydantic_core", "pydantic_settings", "tomlkit", "asyncio", "difflib"}
print(*sorted(heavy & set(sys.modules)), *(["tomllib"] if "tomllib" in sys.modules else []))
"""


def loaded_modules(place: Path) -> list[str]:
    command = [sys.executable, "-I", "-c", SCRIPT, str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_without_a_file_not_even_the_toml_parser_is_loaded(tmp_path: Path) -> None:
    assert loaded_modules(tmp_path) == []


def test_a_sound_file_is_loaded_with_the_standard_library_alone(tmp_path: Path) -> None:
    (tmp_path / "vtcode.toml").write_text('[agent]\ndefault_model = "x"\n')
    assert loaded_modules(tmp_path) == ["tomllib"]


@pytest.mark.parametrize("text", ['[agent]\nprovider = "x"\n'])
def test_a_wrong_value_goes_through_pydantic_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "vtcode.toml").write_text(text)
    modules = loaded_modules(tmp_path)
    assert modules[0] == "refused"
    assert "pydantic_settings" in modules
