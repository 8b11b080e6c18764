"""What ``/init`` writes to the project's vtcode.toml: only the settings in use that no file sets
and that differ from the defaults. Blocking."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vtcode_tui.agent.workbench import DEFAULT_URL, Workbench
from vtcode_tui.config.editor import save_value
from vtcode_tui.config.paths import CONFIG_FILE_NAME
from vtcode_tui.conversation.results import FileDiff
from vtcode_tui.workspace.diff import file_diff

AGENTS_PROMPT = """\
Draft an AGENTS.md for this project and write it with write_file (or improve the one that is there).
First look: list the files, read the README, the build and test configuration and a few central files.
Then write at most 60 lines: what the project is, how its parts lie, the exact commands to build, test
and check it, and the conventions that the code keeps. Only what you found in the files; no praise."""

_FROM_FILES = ("user", "project")


@dataclass(frozen=True, slots=True)
class InitialConfig:
    """``values`` by dotted key, and the change that they make of the file."""

    values: Mapping[str, str]
    diff: FileDiff


def initial_config(bench: Workbench, *, theme: str, default_theme: str) -> InitialConfig | None:
    """The settings to write, or None if there are none. Raises ConfigError if the file cannot be
    edited."""
    loaded = bench.launch.loaded
    wanted: dict[str, str | None] = {
        "agent.default_model": bench.agent.model.name if bench.agent else None,
        "agent.reasoning_effort": bench.effort,
        "providers.ollama.base_url": bench.url if bench.url != DEFAULT_URL else None,
        "ui.theme": theme if theme != default_theme else None,
    }
    given = {
        "agent.default_model": loaded.settings.agent.default_model,
        "agent.reasoning_effort": loaded.settings.agent.reasoning_effort,
        "providers.ollama.base_url": loaded.settings.providers.ollama.base_url,
        "ui.theme": loaded.settings.ui.theme,
    }
    values = {
        key: value
        for key, value in wanted.items()
        if value is not None
        and not (loaded.origins[key].layer in _FROM_FILES and given[key] == value)
    }
    if not values:
        return None
    path = bench.launch.workspace / CONFIG_FILE_NAME
    old = path.read_text("utf-8", "replace") if path.is_file() else None
    return InitialConfig(values, file_diff(CONFIG_FILE_NAME, old, _written(old, values)))


def _written(old: str | None, values: Mapping[str, str]) -> str:
    """The file's text after the edits, which are tried on a copy."""
    with tempfile.TemporaryDirectory(prefix="vtcode-tui-") as directory:
        copy = Path(directory) / CONFIG_FILE_NAME
        if old is not None:
            copy.write_text(old, encoding="utf-8")
        for key, value in values.items():
            save_value(copy, key, value)
        return copy.read_text(encoding="utf-8")
